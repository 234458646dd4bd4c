package main

import (
	"net"
	"strings"
	"testing"

	"inzage/services/notify/smtptest"
)

// TestMailTest: the operator tries the settings of mail before anybody needs it.
func TestMailTest(t *testing.T) {
	server := smtptest.Listen(t)
	try := func(mail string, args ...string) (int, string, string) {
		var out, bad strings.Builder
		environ := []string{"INZAGE_BASE_URL=https://inzage.bücher.example", "INZAGE_MAIL=" + mail, "INZAGE_MAIL_FROM=inzage@bücher.example", "INZAGE_DATA=" + t.TempDir()}
		code := run(t.Context(), append([]string{"mail"}, args...), nil, &out, &bad, environ)
		return code, out.String(), bad.String()
	}
	code, out, bad := try(server.Address, "test", "info@bücher.example")
	if code != 0 || bad != "" {
		t.Fatalf("exit %d: %s%s", code, out, bad)
	}
	for _, want := range []string{"greeting   inzage.xn--bcher-kva.example", "encrypted  no", "SMTPUTF8   no", "info@xn--bcher-kva.example was taken"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s", want, out)
		}
	}
	if len(server.Taken()) != 1 || server.Names()[0] != "inzage.xn--bcher-kva.example" {
		t.Errorf("the server took %d mails, greeted with %q", len(server.Taken()), server.Names())
	}

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	server.RefuseAs("rcpt", 550, [3]int{5, 1, 1}, "no such user")
	for name, c := range map[string]struct {
		mail string
		args []string
		code int
		says string
	}{
		"refused":             {server.Address, []string{"test", "nobody@example.org"}, 1, "The address was refused (550 5.1.1)."},
		"nobody listens":      {"smtp://user:hunter2@" + l.Addr().String(), []string{"test", "a@example.org"}, 1, "The mail server cannot be reached."},
		"outside ASCII":       {server.Address, []string{"test", "jürgen@example.org"}, 1, "The address was refused (smtputf8)."},
		"no address":          {server.Address, []string{"test", "nobody"}, 2, "complete e-mail address"},
		"nothing":             {server.Address, nil, 2, "inzage mail test ADDRESS"},
		"something else":      {server.Address, []string{"send", "a@example.org"}, 2, "inzage mail test ADDRESS"},
		"a domain that is no": {server.Address, []string{"test", "a@bücher..example"}, 2, "complete e-mail address"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, bad := try(c.mail, c.args...)
			if code != c.code || !strings.Contains(bad, c.says) || strings.Contains(bad, "hunter2") {
				t.Errorf("exit %d, %q; want %d, %q", code, bad, c.code, c.says)
			}
		})
	}
}
