package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// mutants takes one protection after the other out of a copy of the sources and
// counts those that the named test notices. First every named test has to pass
// on the copy as it is, else its failing would say nothing.
func mutants(ctx context.Context, p *plan) (held, all int, err error) {
	copied, err := os.MkdirTemp("", "inzage-mutants-")
	if err != nil {
		return 0, 0, err
	}
	defer os.RemoveAll(copied)
	if err := copySources(ctx, copied); err != nil {
		return 0, 0, err
	}
	sound := map[string]bool{}
	for _, m := range p.Mutants {
		if ctx.Err() != nil || !p.only.MatchString(m.Name) {
			continue
		}
		all++
		if key := m.Package + " " + m.Test; !sound[key] {
			passed, out := verdicts(ctx, copied, "./"+m.Package, []string{m.Test})
			if sound[key] = passed[m.Test] == 1; !sound[key] {
				fmt.Fprintf(p.out, "without any mutant %s does not pass\n%s", key, end(out))
				continue
			}
		}
		if why, err := m.try(ctx, copied); err != nil || why != "" {
			fmt.Fprintln(p.out, "not noticed:", m.Name+":", cmp.Or(why, fmt.Sprint(err)))
			continue
		}
		fmt.Fprintf(p.out, "noticed: %s (%s)\n", m.Name, m.Test)
		held++
	}
	return held, all, nil
}

// try runs the test on the mutant and says why it was not noticed, "" when it was.
func (m mutant) try(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, filepath.FromSlash(m.File))
	whole, err := os.ReadFile(path)
	if err = errors.Join(err, m.fits()); err != nil {
		return "", fmt.Errorf("%s: %w", m.Name, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(whole), m.Find, m.Replace, 1)), 0o600); err != nil {
		return "", err
	}
	// Without its protection a test may wait for ever, which is noticed as well.
	passed, out := verdicts(ctx, folder, "./"+m.Package, []string{m.Test}, "-timeout=4m")
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		return "", err
	}
	switch times, ran := passed[m.Test]; {
	case strings.Contains(out, "[build failed]") || strings.Contains(out, "[setup failed]"):
		return "it does not compile\n" + end(out), nil
	case !ran && !strings.Contains(out, "panic:"):
		return "the test did not run\n" + end(out), nil
	case times > 0:
		return m.Test + " passes without the protection", nil
	}
	return "", nil
}

// copySources copies what git knows of and what is new, into an empty folder.
func copySources(ctx context.Context, into string) error {
	out, err := exec.CommandContext(ctx, "git", "ls-files", "-co", "--exclude-standard", "-z").Output()
	if err != nil {
		return fmt.Errorf("list the sources: %w", err)
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		data, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // deleted, and not committed yet
		}
		to := filepath.Join(into, filepath.FromSlash(name))
		if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o700)); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	// The tools that tests need are no sources, but the tests look for them here.
	tools, err := filepath.Abs(".tools")
	if err != nil {
		return err
	}
	return os.Symlink(tools, filepath.Join(into, ".tools"))
}
