package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"inzage/services/fault"
)

// The exit codes: 0 done, 1 the answer is no or the work went wrong, 2 the
// command line or its input is wrong and nothing was done.
const (
	exitDone  = 0
	exitFail  = 1
	exitUsage = 2
)

// invocation is what a command gets: the arguments after its name and the
// world it may read and write. Commands never touch the os package's own.
type invocation struct {
	Args   []string
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	// Environ is the environment as NAME=value lines.
	Environ []string
}

// command is one row of the table: what `inzage NAME` does.
//
// run writes its answer to Stdout only when it succeeds. A *fault.Error ends
// the program with exit code 2 and its sentence on standard error, any other
// error with exit code 1; see failed for an answer that is a "no".
type command struct {
	name    string
	summary string
	run     func(ctx context.Context, in invocation) error
}

// commands is the table of everything the binary does, in the order of `inzage help`.
func commands() []command {
	return []command{
		{"audit", "say whether an audit may be booked, and who bears its costs", runAudit},
		{"deadline", "count a term: request, hours, days or audit", runDeadline},
		{"route", "say where a request goes and who decides it", runRoute},
		{"terms", "list, show or check the terms of an agreement", runTerms},
		{"access", "print who may do what, with limits and times", runAccess},
		{"ledger", "export or verify the ledger, sign a checkpoint, rotate its key", runLedger},
		{"key", "rotate the master key", runKey},
		{"backup", "copy the embedded store of a running portal", runBackup},
		{"restore", "put such a copy into an empty data folder", runRestore},
		{"serve", "serve the portal", runServe},
		{"health", "ask the portal on this machine whether it is ready", runHealth},
		{"mail", "send a test mail, and say how mail leaves", runMail},
		{"init", "prepare an installation and its first operator", runInit},
		{"demo", "serve a portal with made-up people, on this machine alone", runDemo},
		{"seed", "fill an empty store with made-up people, for tests", runSeed},
		{"bench", "measure what this machine does with the portal", runBench},
		{"version", "print the version", runVersion},
	}
}

// topics are texts of `inzage help TOPIC` that belong to no single command.
func topics() []command {
	return []command{
		{"holidays", "which days each holiday set holds", helpHolidays},
		{"settings", "every setting with its default", helpSettings},
	}
}

// run does what the arguments ask and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) int {
	in := invocation{Args: args, Stdin: stdin, Stdout: stdout, Stderr: stderr, Environ: environ}
	return exitCode(dispatch(ctx, in), stderr)
}

func dispatch(ctx context.Context, in invocation) error {
	if len(in.Args) == 0 {
		return usage("Say what to do; inzage help lists the commands.")
	}
	name, rest := in.Args[0], in.Args[1:]
	in.Args = rest
	switch name {
	case "help", "--help", "-help", "-h":
		return runHelp(ctx, in)
	case "--version", "-version":
		name = "version"
	}
	c, ok := find(commands(), name)
	if !ok {
		return usage("There is no command %q; inzage help lists the commands.", name)
	}
	return c.run(ctx, in)
}

func find(table []command, name string) (command, bool) {
	for _, c := range table {
		if c.name == name {
			return c, true
		}
	}
	return command{}, false
}

// usage is the refusal of a wrong command line: one sentence, exit code 2.
func usage(text string, args ...any) error { return fault.New(fault.Invalid, text, args...) }

// failure is an answer that is a "no": the command did its work and wrote it down.
type failure struct{ sentence string }

func (f failure) Error() string { return f.sentence }

// failed ends the program with exit code 1 and the sentence on standard error;
// an empty sentence leaves standard error empty.
func failed(sentence string) error { return failure{sentence} }

// exitCode writes the error as one line and says how the program ends.
func exitCode(err error, stderr io.Writer) int {
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if line := oneLine(err.Error()); line != "" {
		fmt.Fprintln(stderr, line)
	}
	if fault.KindOf(err) == fault.Invalid {
		return exitUsage
	}
	return exitFail
}

// oneLine keeps input that is echoed in a sentence from breaking it up or
// from steering the terminal.
func oneLine(s string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(clean), " ")
}

// flags returns an empty flag set for `inzage NAME`; help is printed before
// the list of flags when --help is given.
func flags(name string, in invocation, help string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.Usage = func() {
		fmt.Fprintf(in.Stdout, "%s\n", strings.TrimSpace(help))
		fs.VisitAll(func(f *flag.Flag) {
			value, text := flag.UnquoteUsage(f)
			fmt.Fprintf(in.Stdout, "  %-28s %s\n", strings.TrimSpace("--"+f.Name+" "+value), text)
		})
	}
	return fs
}

// parse reads flags wherever they stand and returns the positional arguments.
// A wrong flag, or one that is given twice, is a usage refusal of one sentence;
// --help gives flag.ErrHelp after the help was printed.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	// The flag package prints the help after every mistake; a refusal is one sentence.
	help := fs.Usage
	fs.Usage = func() {}
	single, restore := onceEach(fs)
	defer restore()
	var rest []string
	for {
		before := len(args)
		err := fs.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			restore() // the help names the kind of every value
			help()
			return nil, err
		}
		for _, f := range single {
			if f.twice {
				return nil, usage("The flag --%s is given twice.", f.name)
			}
		}
		if err != nil {
			return nil, flagRefusal(fs.Name(), err)
		}
		ended := before > fs.NArg() && args[before-fs.NArg()-1] == "--"
		args = fs.Args()
		if ended {
			return append(rest, args...), nil
		}
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// flagRefusal turns the flag package's own texts into sentences.
func flagRefusal(name string, err error) error {
	text := err.Error()
	if f, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return usage("inzage %s has no flag --%s.", name, strings.TrimLeft(f, "-"))
	}
	if f, ok := strings.CutPrefix(text, "flag needs an argument: -"); ok {
		return usage("The flag --%s needs a value.", f)
	}
	return usage("inzage %s cannot read its flags: %s.", name, strings.TrimRight(text, "."))
}

// once is a flag that is given at most once, so that a line with two answers to
// one question is refused rather than half read.
type once struct {
	flag.Value
	name         string
	given, twice bool
}

// repeated is a flag of which each value counts.
type repeated interface{ Repeated() }

var errTwice = errors.New("given twice")

// onceEach lets every flag but the repeated ones be given once only, until
// restore is called.
func onceEach(fs *flag.FlagSet) (single []*once, restore func()) {
	fs.VisitAll(func(f *flag.Flag) {
		if _, many := f.Value.(repeated); many {
			return
		}
		o := &once{Value: f.Value, name: f.Name}
		f.Value, single = o, append(single, o)
	})
	return single, func() {
		for _, o := range single {
			fs.Lookup(o.name).Value = o.Value
		}
	}
}

// Set takes the first value; flag.Value.
func (o *once) Set(s string) error {
	if o.given {
		o.twice = true
		return errTwice
	}
	o.given = true
	return o.Value.Set(s)
}

// IsBoolFlag says that the flag can stand without a value, as the flag package asks.
func (o *once) IsBoolFlag() bool {
	b, ok := o.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// text is a flag that knows whether it was given.
type text struct {
	value string
	given bool
}

func (t *text) String() string { return t.value }

// Set takes the value; flag.Value.
func (t *text) Set(s string) error {
	t.value, t.given = s, true
	return nil
}

func runHelp(ctx context.Context, in invocation) error {
	if len(in.Args) == 0 {
		return list(in.Stdout)
	}
	name := in.Args[0]
	in.Args = append([]string{"--help"}, in.Args[1:]...)
	if c, ok := find(commands(), name); ok {
		return c.run(ctx, in)
	}
	if t, ok := find(topics(), name); ok {
		in.Args = nil
		return t.run(ctx, in)
	}
	return usage("There is no help on %q; inzage help lists the commands.", name)
}

func list(w io.Writer) error {
	var b strings.Builder
	b.WriteString("inzage COMMAND [arguments]\n\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-10s %s\n", c.name, c.summary)
	}
	b.WriteString("\ninzage help COMMAND explains one of them.\n")
	if t := topics(); len(t) > 0 {
		b.WriteString("Also:\n")
		for _, c := range t {
			fmt.Fprintf(&b, "  inzage help %-10s %s\n", c.name, c.summary)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func runVersion(_ context.Context, in invocation) error {
	fs := flags("version", in, "inzage version\n\nPrints the version, the commit it was built from and the Go release.")
	rest, err := parse(fs, in.Args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage version takes no arguments.")
	}
	_, err = fmt.Fprintln(in.Stdout, version())
	return err
}

// version reads what the Go toolchain stamped into the binary.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "inzage (unknown)"
	}
	parts := []string{"inzage", info.Main.Version}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			parts = append(parts, s.Value)
		}
	}
	return strings.Join(append(parts, info.GoVersion), " ")
}
