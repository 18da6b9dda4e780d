package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
	"github.com/emersion/go-smtp"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/filter"
	"github.com/golemonade/lemonade/filter/outband"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

const (
	// wakeTime is how long a notification may take.
	wakeTime = 2 * time.Second
	// silence is how long to listen for a notification that must not come,
	// after the decision against it is known.
	silence = 300 * time.Millisecond
)

// story plays what demo is for over real sockets and checks each step.
type story struct {
	d        *demo
	happened chan happening
	woken    chan *message
	client   *imapclient.Client
}

// happening is an event with what became of it.
type happening struct {
	event    *msgevent.Event
	outcomes []*outband.Outcome
}

func newStory(d *demo) *story {
	s := &story{d: d, happened: make(chan happening, 100), woken: make(chan *message, 100)}
	d.watch = func(e *msgevent.Event, outcomes []*outband.Outcome) { s.happened <- happening{e, outcomes} }
	d.phone.watch = func(m *message) { s.woken <- m }
	return s
}

func (s *story) play(ctx context.Context) error {
	if s.d.phone.conn == nil {
		return fmt.Errorf("UDP %s is in use: the story needs a phone of its own", s.d.phone.addr)
	}
	chapters := []struct {
		title string
		play  func(context.Context) error
	}{
		{"a message comes by LMTP, and wakes the phone", s.lmtp},
		{"a message comes by IMAP APPEND, and wakes the phone", s.append},
		{"with the filter NONE a message wakes nobody", s.filterNone},
		{"a mailbox is renamed", s.rename},
		{"a message is flagged", s.flag},
		{"a message is expunged", s.expunge},
	}
	defer func() {
		if s.client != nil {
			s.client.Close()
		}
	}()
	for i, c := range chapters {
		s.d.say("story", "%d. %s", i+1, c.title)
		if err := c.play(ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, c.title, err)
		}
	}
	s.d.say("story", "all %d steps were seen", len(chapters))
	return nil
}

// event waits for an event of the type and returns it with what became of it.
func (s *story) event(ctx context.Context, t msgevent.Type) (happening, error) {
	ctx, cancel := context.WithTimeout(ctx, wakeTime)
	defer cancel()
	for {
		select {
		case h := <-s.happened:
			if h.event.Type == t {
				return h, nil
			}
		case <-ctx.Done():
			return happening{}, fmt.Errorf("no %s event within %v", t, wakeTime)
		}
	}
}

// mail waits for an event of the type and the wake-up for it.
func (s *story) mail(ctx context.Context, t msgevent.Type) error {
	h, err := s.event(ctx, t)
	if err != nil {
		return err
	}
	u, err := imapurl.Parse(h.event.URI)
	if err != nil || u.UID == 0 || u.UIDValidity == 0 {
		return fmt.Errorf("%s names no message: %q", t, h.event.URI)
	}
	select {
	case m := <-s.woken:
		if m.err != nil {
			return fmt.Errorf("the phone cannot read its payload: %w", m.err)
		}
		if want := "mailat:alice@localhost"; m.notification.Mailbox != want {
			return fmt.Errorf("the payload is for %q, not for %q", m.notification.Mailbox, want)
		}
		return nil
	case <-time.After(wakeTime):
		return fmt.Errorf("no EMN on UDP within %v", wakeTime)
	}
}

// silent makes sure that the phone is not woken.
func (s *story) silent() error {
	select {
	case m := <-s.woken:
		return fmt.Errorf("the phone was woken: %s", m.octets)
	case <-time.After(silence):
		return nil
	}
}

func (s *story) lmtp(ctx context.Context) error {
	if err := s.deliver(ctx, "Lemonade by LMTP"); err != nil {
		return err
	}
	return s.mail(ctx, msgevent.TypeMessageNew)
}

func (s *story) deliver(ctx context.Context, subject string) error {
	conn, err := s.dial(ctx, s.d.server.LMTPAddr())
	if err != nil {
		return err
	}
	client := smtp.NewClientLMTP(conn)
	defer client.Close()
	if err := client.SendMail("bob@example.org", []string{"alice@example.org"}, strings.NewReader(text(subject))); err != nil {
		return err
	}
	return client.Quit()
}

func text(subject string) string {
	return strings.Join([]string{
		"From: Bob <bob@example.org>", "To: Alice <alice@example.org>", "Subject: " + subject,
		"Date: " + time.Now().Format(time.RFC1123Z), "", "When life gives you lemons.", "",
	}, "\r\n")
}

func (s *story) dial(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return conn, conn.SetDeadline(deadline)
}

func (s *story) append(ctx context.Context) error {
	conn, err := s.dial(ctx, s.d.server.IMAPAddr())
	if err != nil {
		return err
	}
	s.client = imapclient.New(conn, nil)
	if err := s.client.Login("alice", "alice").Wait(); err != nil {
		return err
	}
	message := text("Lemonade by APPEND")
	cmd := s.client.Append("INBOX", int64(len(message)), nil)
	if _, err := io.WriteString(cmd, message); err != nil {
		return err
	}
	if err := cmd.Close(); err != nil {
		return err
	}
	if _, err := cmd.Wait(); err != nil {
		return err
	}
	return s.mail(ctx, msgevent.TypeMessageAppend)
}

func (s *story) filterNone(ctx context.Context) error {
	s.d.setFilter(annotations.EventFilterNone)
	defer s.d.setFilter(annotations.EventFilterNew)
	if err := s.deliver(ctx, "Lemonade for nobody"); err != nil {
		return err
	}
	h, err := s.event(ctx, msgevent.TypeMessageNew)
	if err != nil {
		return err
	}
	if len(h.outcomes) != 1 || h.outcomes[0].Decision.Reason != filter.ReasonFilterNone {
		return errors.New("the filter NONE did not decide")
	}
	return s.silent()
}

func (s *story) rename(ctx context.Context) error {
	if err := s.client.Create("Lemons", nil).Wait(); err != nil {
		return err
	}
	if err := s.client.Rename("Lemons", "Drinks/Lemonade", nil).Wait(); err != nil {
		return err
	}
	h, err := s.event(ctx, msgevent.TypeMailboxRename)
	if err != nil {
		return err
	}
	now, err := imapurl.Parse(h.event.MailboxID)
	if err != nil {
		return err
	}
	old, err := imapurl.Parse(h.event.OldMailboxID)
	if err != nil {
		return err
	}
	if old.Mailbox != "Lemons" || now.Mailbox != "Drinks/Lemonade" {
		return fmt.Errorf("the event renames %q to %q", old.Mailbox, now.Mailbox)
	}
	return s.silent()
}

func (s *story) flag(ctx context.Context) error {
	if _, err := s.client.Select("INBOX", nil).Wait(); err != nil {
		return err
	}
	if err := s.store(1, imap.FlagFlagged); err != nil {
		return err
	}
	h, err := s.event(ctx, msgevent.TypeFlagsSet)
	if err != nil {
		return err
	}
	if len(h.event.Flags) != 1 || h.event.Flags[0] != imap.FlagFlagged || !h.event.UIDs.Contains(1) {
		return fmt.Errorf("the event sets %v on %v", h.event.Flags, h.event.UIDs)
	}
	return s.silent()
}

func (s *story) store(uid imap.UID, flag imap.Flag) error {
	return s.client.Store(imap.UIDSetNum(uid), &imap.StoreFlags{
		Op: imap.StoreFlagsAdd, Flags: []imap.Flag{flag},
	}, nil).Close()
}

func (s *story) expunge(ctx context.Context) error {
	if err := s.store(1, imap.FlagDeleted); err != nil {
		return err
	}
	if _, err := s.event(ctx, msgevent.TypeMessageTrash); err != nil {
		return err
	}
	if err := s.client.Expunge().Close(); err != nil {
		return err
	}
	h, err := s.event(ctx, msgevent.TypeMessageExpunge)
	if err != nil {
		return err
	}
	if h.event.UIDs.String() != "1" || h.event.Messages == nil || *h.event.Messages != 2 {
		return fmt.Errorf("the event expunges %v", h.event.UIDs)
	}
	return s.silent()
}
