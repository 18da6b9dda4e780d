// Command imapstore is a mail store in memory: IMAP for its users, delivery by
// LMTP, and RFC 5423 events for all that happens in it.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/golemonade/lemonade/examples/internal/cli"
	"github.com/golemonade/lemonade/examples/internal/mailserver"
	"github.com/golemonade/lemonade/examples/internal/notify"
	"github.com/golemonade/lemonade/msgevent"
)

func main() {
	var f flags
	cli.Main(&cli.Program{
		Name:  "imapstore",
		Short: "a mail store in memory, with IMAP, LMTP delivery and message store events",
		Usage: `
imapstore
imapstore -imap 127.0.0.1:1143 -lmtp 127.0.0.1:1124 -users alice:secret,bob:secret
imapstore -events | grep MessageNew`,
		Flags: f.define,
		Run:   f.run,
	})
}

type flags struct {
	imap, lmtp, users string
	cert, key         string
	events            bool
}

func (f *flags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.imap, "imap", "127.0.0.1:1143", "listen for IMAP on `host:port`, as in -imap 127.0.0.1:143")
	fs.StringVar(&f.lmtp, "lmtp", "127.0.0.1:1124", "listen for LMTP deliveries on `host:port`, as in -lmtp 127.0.0.1:24")
	fs.StringVar(&f.users, "users", "alice:alice,bob:bob", "`name:password,...` of the users, as in -users carol:secret")
	fs.StringVar(&f.cert, "tls-cert", "", "PEM `file` with the certificate for STARTTLS, as in -tls-cert cert.pem;\nwithout it logins are allowed on loopback addresses only")
	fs.StringVar(&f.key, "tls-key", "", "PEM `file` with the key of the certificate, as in -tls-key key.pem")
	fs.BoolVar(&f.events, "events", false, "print each event as a line of JSON on standard output, as in -events")
}

func (f *flags) run(ctx context.Context, stdout io.Writer) error {
	if err := errors.Join(cli.CheckAddr("imap", f.imap), cli.CheckAddr("lmtp", f.lmtp)); err != nil {
		return err
	}
	config := mailserver.Config{IMAP: f.imap, LMTP: f.lmtp, DeviceFromLogin: true}
	var err error
	if config.Users, err = mailserver.ParseUsers(f.users); err != nil {
		return cli.Usagef("-users: %w", err)
	}
	if (f.cert == "") != (f.key == "") {
		return cli.Usagef("-tls-cert and -tls-key go together")
	}
	if f.cert != "" {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			return cli.Usagef("-tls-cert, -tls-key: %w", err)
		}
		config.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	var events notify.Log
	if f.events {
		config.Publish = events.Append
	}
	server, err := mailserver.Listen(&config)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "listening imap=%s lmtp=%s\n", server.IMAPAddr(), server.LMTPAddr())

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return server.Serve(ctx) })
	g.Go(func() error {
		var line []byte
		events.Run(ctx, func(_ context.Context, e *msgevent.Event) {
			line = line[:0]
			var err error
			if line, err = e.AppendJSON(line); err != nil {
				line = fmt.Appendf(line, `{"event":%q}`, e.Type)
			}
			stdout.Write(append(line, '\n'))
		})
		return nil
	})
	return g.Wait()
}
