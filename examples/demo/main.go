// Command demo is the whole of Lemonade in one process: a mail store with IMAP
// and LMTP, the decision who is told of what happens in it, and a phone that is
// woken by UDP. It says each step on standard output.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/golemonade/lemonade/examples/internal/cli"
)

func main() {
	var f flags
	cli.Main(&cli.Program{
		Name:  "demo",
		Short: "mail in, a device woken: store, decision and channel in one process",
		Usage: `
demo
demo -imap 127.0.0.1:1143 -lmtp 127.0.0.1:1124 -http 127.0.0.1:8080 -udp 127.0.0.1:2948
demo -once`,
		Flags: f.define,
		Run:   f.run,
	})
}

type flags struct {
	imap, lmtp, http, udp string
	once                  bool

	set *flag.FlagSet
}

func (f *flags) define(fs *flag.FlagSet) {
	f.set = fs
	fs.StringVar(&f.imap, "imap", "127.0.0.1:1143", "listen for IMAP on `host:port`, as in -imap 127.0.0.1:143")
	fs.StringVar(&f.lmtp, "lmtp", "127.0.0.1:1124", "listen for LMTP deliveries on `host:port`, as in -lmtp 127.0.0.1:24")
	fs.StringVar(&f.http, "http", "127.0.0.1:8080", "show the steps as text over HTTP on `host:port`, as in -http 127.0.0.1:80")
	fs.StringVar(&f.udp, "udp", "127.0.0.1:2948", "alice's phone is at UDP `host:port`, as in -udp 127.0.0.1:143; if another\nprogram has that port, it gets the payloads instead of demo's own phone")
	fs.BoolVar(&f.once, "once", false, "play the story, check every step, and exit with 0 or 1, as in -once;\naddresses that are not given are chosen")
}

// storyTimeout bounds demo -once.
const storyTimeout = 30 * time.Second

func (f *flags) run(ctx context.Context, stdout io.Writer) error {
	if f.once {
		f.chooseAddresses()
	}
	if err := errors.Join(
		cli.CheckAddr("imap", f.imap), cli.CheckAddr("lmtp", f.lmtp),
		cli.CheckAddr("http", f.http), cli.CheckAddr("udp", f.udp),
	); err != nil {
		return err
	}
	d, err := newDemo(f, stdout)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening imap=%s lmtp=%s http=%s\n", d.server.IMAPAddr(), d.server.LMTPAddr(), d.web.Addr())
	if !f.once {
		if err := d.choosePhone(); err != nil {
			return err
		}
		d.say("hello", "%s", d.invitation())
		return d.serve(ctx)
	}

	story, cancel := context.WithTimeout(ctx, storyTimeout)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- d.serve(story) }()
	err = newStory(d).play(story)
	if ctx.Err() != nil {
		err = errors.New("the story was interrupted")
	}
	cancel()
	return errors.Join(err, <-served)
}

// chooseAddresses lets the system choose the ports that were not given, so
// that the story can be played beside a demo that runs.
func (f *flags) chooseAddresses() {
	given := make(map[string]bool)
	f.set.Visit(func(fl *flag.Flag) { given[fl.Name] = true })
	for name, addr := range map[string]*string{"imap": &f.imap, "lmtp": &f.lmtp, "http": &f.http, "udp": &f.udp} {
		if !given[name] {
			*addr = "127.0.0.1:0"
		}
	}
}
