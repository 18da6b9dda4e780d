package cli

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program returns a program that notes its flags and does as run says.
func program(run func(context.Context) error) (p *Program, name *string, yes *bool) {
	name, yes = new(string), new(bool)
	return &Program{
		Name: "prog", Short: "a program for tests", Usage: "prog -the-name foo\nprog -yes",
		Flags: func(fs *flag.FlagSet) {
			fs.StringVar(name, "the-name", "nobody", "`who` it is, as in -the-name foo\non two lines")
			fs.BoolVar(yes, "yes", false, "say yes, as in -yes")
		},
		Run: func(ctx context.Context, stdout io.Writer) error {
			fmt.Fprintln(stdout, "ran")
			return run(ctx)
		},
	}, name, yes
}

func nothing(context.Context) error { return nil }

func TestFlags(t *testing.T) {
	for _, test := range []struct {
		args     []string
		env      map[string]string
		wantName string
		wantYes  bool
	}{
		{nil, nil, "nobody", false},
		{[]string{"-the-name", "x", "-yes"}, nil, "x", true},
		{[]string{"--the-name=x"}, nil, "x", false},
		{nil, map[string]string{"LEMONADE_THE_NAME": "y", "LEMONADE_YES": "true"}, "y", true},
		{[]string{"-the-name", "x"}, map[string]string{"LEMONADE_THE_NAME": "y"}, "x", false},
		{[]string{"-the-name="}, map[string]string{"LEMONADE_THE_NAME": "y"}, "", false},
		{nil, map[string]string{"LEMONADE_THE_NAME": ""}, "", false},
	} {
		t.Run(fmt.Sprint(test.args, test.env), func(t *testing.T) {
			for k, v := range test.env {
				t.Setenv(k, v)
			}
			p, name, yes := program(nothing)
			var stdout, stderr bytes.Buffer
			require.Equal(t, ExitOK, p.main(t.Context(), test.args, &stdout, &stderr))
			require.Equal(t, "ran\n", stdout.String())
			require.Empty(t, stderr.String())
			require.Equal(t, test.wantName, *name)
			require.Equal(t, test.wantYes, *yes)
		})
	}
}

func TestExitStatus(t *testing.T) {
	returns := func(err error) func(context.Context) error {
		return func(context.Context) error { return err }
	}
	for _, test := range []struct {
		name string
		args []string
		env  string // of LEMONADE_YES
		run  func(context.Context) error
		want int
		says string // on standard error
	}{
		{"nothing", nil, "", nothing, ExitOK, ""},
		{"unknown flag", []string{"-foo"}, "", nothing, ExitUsage, "-foo"},
		{"argument", []string{"-yes", "foo"}, "", nothing, ExitUsage, `"foo"`},
		{"argument behind --", []string{"--", "-yes"}, "", nothing, ExitUsage, `"-yes"`},
		{"flag without value", []string{"-the-name"}, "", nothing, ExitUsage, "-the-name"},
		{"bad value", []string{"-yes=foo"}, "", nothing, ExitUsage, "-yes"},
		{"bad value in the environment", nil, "foo", nothing, ExitUsage, "LEMONADE_YES"},
		{"bad flags", nil, "", returns(errors.Join(Usagef("one"), Usagef("two"))), ExitUsage, "one two"},
		{"wrapped bad flag", nil, "", returns(fmt.Errorf("in run: %w", Usagef("a: %w", io.EOF))), ExitUsage, "in run: a: EOF"},
		{"failed", nil, "", returns(io.ErrClosedPipe), ExitFailed, io.ErrClosedPipe.Error()},
		{"failed twice", nil, "", returns(errors.Join(io.EOF, io.ErrClosedPipe)), ExitFailed, "EOF io"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.env != "" {
				t.Setenv("LEMONADE_YES", test.env)
			}
			p, _, _ := program(test.run)
			var stdout, stderr bytes.Buffer
			require.Equal(t, test.want, p.main(t.Context(), test.args, &stdout, &stderr))
			if test.want == ExitOK {
				require.Empty(t, stderr.String())
				return
			}
			require.True(t, strings.HasPrefix(stderr.String(), "prog: "), stderr.String())
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
			require.Contains(t, stderr.String(), test.says)
			require.Equal(t, test.want == ExitUsage, strings.Contains(stderr.String(), "prog -h"))
		})
	}
	require.ErrorIs(t, Usagef("%w", io.EOF), io.EOF)
}

func TestHelp(t *testing.T) {
	for _, arg := range []string{"-h", "-help", "--help"} {
		p, _, _ := program(func(context.Context) error { panic("it must not run") })
		var stdout, stderr bytes.Buffer
		require.Equal(t, ExitOK, p.main(t.Context(), []string{arg}, &stdout, &stderr))
		require.Empty(t, stderr.String())
		require.Equal(t, `prog: a program for tests

Usage:
  prog -the-name foo
  prog -yes
Flags (each is also an environment variable):
  -the-name who
      who it is, as in -the-name foo
      on two lines
      LEMONADE_THE_NAME, default nobody
  -yes
      say yes, as in -yes
      LEMONADE_YES
`, stdout.String())
	}
}

func TestCheckAddr(t *testing.T) {
	for _, ok := range []string{"127.0.0.1:0", ":143", "[::1]:65535", "localhost:1143"} {
		require.NoError(t, CheckAddr("imap", ok))
	}
	for _, bad := range []string{"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:imap", "127.0.0.1:65536", "127.0.0.1:-1", "::1:143", "a:b:1"} {
		err := CheckAddr("imap", bad)
		require.ErrorContains(t, err, "-imap", bad)
		var usage *UsageError
		require.ErrorAs(t, err, &usage, bad)
	}
}

// TestMain is a program that ends on a signal, if it is told to be.
func TestMain(m *testing.M) {
	if os.Getenv("CLI_TEST_PROGRAM") == "" {
		os.Exit(m.Run())
	}
	p, _, _ := program(func(ctx context.Context) error {
		<-ctx.Done()
		if os.Getenv("CLI_TEST_PROGRAM") == "stuck" {
			fmt.Println("stuck")
			select {}
		}
		return nil
	})
	Main(p)
}

func TestSignals(t *testing.T) {
	for _, sig := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for _, how := range []string{"obedient", "stuck"} {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0])
			cmd.Env = append(os.Environ(), "CLI_TEST_PROGRAM="+how)
			stdout, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			expect := func(want string) {
				got := make([]byte, len(want))
				_, err := io.ReadFull(stdout, got)
				require.NoError(t, err)
				require.Equal(t, want, string(got))
			}
			expect("ran\n")
			require.NoError(t, cmd.Process.Signal(sig))
			if how == "stuck" {
				expect("stuck\n")
				require.NoError(t, cmd.Process.Signal(sig))
				require.Error(t, cmd.Wait())
				require.NoError(t, ctx.Err())
			} else {
				require.NoError(t, cmd.Wait())
			}
		}
	}
}
