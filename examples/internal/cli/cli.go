// Package cli has what the example servers share as programs: flags that are
// also environment variables, exit statuses, logs, and a clean end.
package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
)

// Exit statuses.
const (
	ExitOK     = 0
	ExitFailed = 1
	ExitUsage  = 2
)

// Program is an example server.
type Program struct {
	Name  string
	Short string // what it does, one sentence
	Usage string // examples of use, for -h

	// Flags defines the flags.
	Flags func(*flag.FlagSet)
	// Run does the work until ctx is done. A *UsageError from it means that
	// the flags were wrong.
	Run func(ctx context.Context, stdout io.Writer) error
}

// UsageError is a bad setting; the program ends with status 2.
type UsageError struct{ Err error }

// Error returns the message of the error within.
func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the error within.
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef returns a *UsageError.
func Usagef(format string, args ...any) error {
	return &UsageError{fmt.Errorf(format, args...)}
}

// Main runs p as the whole program, until it ends or gets SIGINT or SIGTERM.
func Main(p *Program) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // a second one ends it at once
		cancel()
	}()
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	os.Exit(p.main(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// main returns the exit status.
func (p *Program) main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	fs := flag.NewFlagSet(p.Name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	p.Flags(fs)
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.help(fs, stdout)
		return ExitOK
	case err == nil && fs.NArg() > 0:
		err = fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	if err == nil {
		err = fromEnvironment(fs, os.LookupEnv)
	}
	if err == nil {
		if err = p.Run(ctx, stdout); err == nil {
			return ExitOK
		}
		var usage *UsageError
		if !errors.As(err, &usage) {
			fmt.Fprintf(stderr, "%s: %s\n", p.Name, oneLine(err))
			return ExitFailed
		}
	}
	fmt.Fprintf(stderr, "%s: %s (see %s -h)\n", p.Name, oneLine(err), p.Name)
	return ExitUsage
}

// oneLine returns the message of an error, which joined errors have on several
// lines, on one.
func oneLine(err error) string {
	return strings.ReplaceAll(err.Error(), "\n", " ")
}

// CheckAddr returns a *UsageError unless value is a "host:port" to listen on or
// send to.
func CheckAddr(flagName, value string) error {
	_, port, err := net.SplitHostPort(value)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return Usagef("-%s: %q is not host:port with a port from 0 to 65535", flagName, value)
	}
	return nil
}

// EnvName returns the environment variable of a flag.
func EnvName(flagName string) string {
	return "LEMONADE_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}

// fromEnvironment sets the flags that were not given from the environment.
func fromEnvironment(fs *flag.FlagSet, lookup func(string) (string, bool)) error {
	given := make(map[string]bool)
	fs.Visit(func(f *flag.Flag) { given[f.Name] = true })
	var err error
	fs.VisitAll(func(f *flag.Flag) {
		value, ok := lookup(EnvName(f.Name))
		if !ok || given[f.Name] || err != nil {
			return
		}
		if serr := fs.Set(f.Name, value); serr != nil {
			err = fmt.Errorf("invalid value %q for %s: %w", value, EnvName(f.Name), serr)
		}
	})
	return err
}

func (p *Program) help(fs *flag.FlagSet, w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n\nUsage:\n%s\nFlags (each is also an environment variable):\n", p.Name, p.Short, indent(p.Usage))
	fs.VisitAll(func(f *flag.Flag) {
		name, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(w, "%s\n", indent(strings.TrimSpace("-"+f.Name+" "+name)))
		fmt.Fprintf(w, "%s\n", indent(indent(indent(usage))))
		fmt.Fprintf(w, "      %s", EnvName(f.Name))
		if f.DefValue != "" && f.DefValue != "false" {
			fmt.Fprintf(w, ", default %s", f.DefValue)
		}
		fmt.Fprintln(w)
	})
}

func indent(s string) string {
	return "  " + strings.ReplaceAll(strings.Trim(s, "\n"), "\n", "\n  ")
}
