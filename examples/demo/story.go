package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/golemonade/lemonade/filter"
	"github.com/golemonade/lemonade/filter/outband"
	"github.com/golemonade/lemonade/msgevent"
	"github.com/golemonade/lemonade/msgevent/imapurl"
)

const (
	// wakeTime is how long a notification may take.
	wakeTime = 2 * time.Second
	// silence is how long to listen for a notification that must not come.
	silence = 200 * time.Millisecond
)

// story plays what demo is for over real sockets and checks each step.
type story struct {
	d        *demo
	happened chan happening
	woken    chan *message

	phone, desktop *wire // IMAP connections of alice's
}

// happening is an event with what became of it.
type happening struct {
	event    *msgevent.Event
	outcomes []*outband.Outcome
}

func newStory(d *demo) *story {
	s := &story{d: d, happened: make(chan happening, 1000), woken: make(chan *message, 1000)}
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
		{"alice's phone stores how it wants to be woken, and logs out", s.choose},
		{"a message comes by LMTP, and wakes the phone", s.lmtp},
		{"a message comes by IMAP APPEND, and wakes the phone", s.append},
		{"with the filter NONE a message wakes nobody", s.filterNone},
		{"the phone logs in and asks by NOTIFY to be told", s.notify},
		{"a message in the selected mailbox comes as EXISTS and FETCH, and wakes nobody", s.selected},
		{"a message in another mailbox comes as STATUS", s.other},
		{"a renamed mailbox comes as LIST with OLDNAME", s.rename},
		{"a flag that another session sets comes as FETCH", s.flag},
		{"an expunged message comes as EXPUNGE", s.expunge},
		{"a NOTIFY that is refused leaves the old one in force", s.refused},
		{"NOTIFY NONE silences it", s.none},
	}
	for i, c := range chapters {
		s.d.say("story", "%d. %s", i+1, c.title)
		if err := c.play(ctx); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, c.title, err)
		}
	}
	s.d.say("story", "all %d steps were seen", len(chapters))
	return errors.Join(s.phone.close(), s.desktop.close())
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

// wakes waits for an event of the type and for the wake-up that it causes.
func (s *story) wakes(ctx context.Context, t msgevent.Type) error {
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

// wakesNobody waits for an event of the type and makes sure that the phone is
// not woken for it, for the reason given.
func (s *story) wakesNobody(ctx context.Context, t msgevent.Type, reason filter.Reason) (*msgevent.Event, error) {
	h, err := s.event(ctx, t)
	if err != nil {
		return nil, err
	}
	if len(h.outcomes) != 1 || h.outcomes[0].Decision.Reason != reason {
		return nil, fmt.Errorf("the decision about the %s was not %q", t, string(reason))
	}
	select {
	case m := <-s.woken:
		return nil, fmt.Errorf("the phone was woken: %s", m.octets)
	case <-time.After(silence):
		return h.event, nil
	}
}

func (s *story) dial(ctx context.Context, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	deadline, _ := ctx.Deadline()
	return conn, conn.SetWriteDeadline(deadline)
}

// deliver delivers a message to alice by LMTP.
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

// appendTo appends a message with the desktop.
func (s *story) appendTo(mailbox, subject string) error {
	message := text(subject)
	return s.desktop.ok(fmt.Sprintf("APPEND %s {%d+}\r\n%s", mailbox, len(message), message))
}

// setMetadata stores the phone's preferences in a session of its own.
func (s *story) setMetadata(ctx context.Context, entries string) error {
	phone, err := s.connect(ctx, "alice+"+phoneName)
	if err != nil {
		return err
	}
	if err := phone.ok("SETMETADATA INBOX (" + entries + ")"); err != nil {
		return err
	}
	return phone.close()
}

func (s *story) choose(ctx context.Context) error {
	return s.setMetadata(ctx, `/private/notify/outband/channel "UDP=WAKEUP"`+
		` /private/notify/outband/address "`+s.d.phone.addr+`"`+
		` /private/notify/event/filter "NEW"`)
}

func (s *story) lmtp(ctx context.Context) error {
	if err := s.deliver(ctx, "Lemonade by LMTP"); err != nil {
		return err
	}
	return s.wakes(ctx, msgevent.TypeMessageNew)
}

func (s *story) append(ctx context.Context) error {
	var err error
	if s.desktop, err = s.connect(ctx, "alice"); err != nil {
		return err
	}
	if err := s.appendTo("INBOX", "Lemonade by APPEND"); err != nil {
		return err
	}
	return s.wakes(ctx, msgevent.TypeMessageAppend)
}

func (s *story) filterNone(ctx context.Context) error {
	if err := s.setMetadata(ctx, `/private/notify/event/filter "NONE"`); err != nil {
		return err
	}
	if err := s.deliver(ctx, "Lemonade for nobody"); err != nil {
		return err
	}
	if _, err := s.wakesNobody(ctx, msgevent.TypeMessageNew, filter.ReasonFilterNone); err != nil {
		return err
	}
	return s.setMetadata(ctx, `/private/notify/event/filter "NEW"`)
}

func (s *story) notify(ctx context.Context) error {
	if err := s.desktop.ok("CREATE Lemons"); err != nil {
		return err
	}
	var err error
	if s.phone, err = s.connect(ctx, "alice+"+phoneName); err != nil {
		return err
	}
	if err := s.phone.ok("SELECT INBOX"); err != nil {
		return err
	}
	s.phone.seen = nil
	if err := s.phone.ok("NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (SUBJECT)]) MessageExpunge FlagChange))" +
		" (personal (MessageNew MessageExpunge MailboxName))"); err != nil {
		return err
	}
	return s.phone.wait("* STATUS Lemons ")
}

func (s *story) selected(ctx context.Context) error {
	if err := s.deliver(ctx, "Lemonade for the phone"); err != nil {
		return err
	}
	if err := s.phone.wait("* 4 EXISTS", "* 4 FETCH (UID 4 "); err != nil {
		return err
	}
	_, err := s.wakesNobody(ctx, msgevent.TypeMessageNew, filter.ReasonConnected)
	return err
}

func (s *story) other(context.Context) error {
	if err := s.appendTo("Lemons", "A lemon"); err != nil {
		return err
	}
	return s.phone.wait("* STATUS Lemons (MESSAGES 1 UIDNEXT 2 ")
}

func (s *story) rename(ctx context.Context) error {
	if err := s.desktop.ok("RENAME Lemons Lemonade"); err != nil {
		return err
	}
	if err := s.phone.wait(`* LIST (\HasNoChildren) / Lemonade (OLDNAME (Lemons))`); err != nil {
		return err
	}
	e, err := s.wakesNobody(ctx, msgevent.TypeMailboxRename, filter.ReasonFilterNew)
	if err != nil {
		return err
	}
	old, err := imapurl.Parse(e.OldMailboxID)
	if err != nil || old.Mailbox != "Lemons" {
		return fmt.Errorf("the event renames %q", e.OldMailboxID)
	}
	return nil
}

func (s *story) flag(ctx context.Context) error {
	if err := s.desktop.ok("SELECT INBOX"); err != nil {
		return err
	}
	if err := s.desktop.ok(`UID STORE 1 +FLAGS.SILENT (\Flagged)`); err != nil {
		return err
	}
	if err := s.phone.wait(`* 1 FETCH (UID 1 FLAGS (\Flagged))`); err != nil {
		return err
	}
	e, err := s.wakesNobody(ctx, msgevent.TypeFlagsSet, filter.ReasonFilterNew)
	if err == nil && (len(e.Flags) != 1 || e.Flags[0] != `\Flagged` || e.UIDs.String() != "1") {
		err = fmt.Errorf("the event sets %v on %v", e.Flags, e.UIDs)
	}
	return err
}

func (s *story) expunge(ctx context.Context) error {
	if err := s.desktop.ok(`UID STORE 1 +FLAGS.SILENT (\Deleted)`); err != nil {
		return err
	}
	if err := s.desktop.ok("EXPUNGE"); err != nil {
		return err
	}
	if err := s.phone.wait("* 1 EXPUNGE"); err != nil {
		return err
	}
	if _, err := s.event(ctx, msgevent.TypeMessageTrash); err != nil {
		return err
	}
	e, err := s.wakesNobody(ctx, msgevent.TypeMessageExpunge, filter.ReasonFilterNew)
	if err == nil && e.UIDs.String() != "1" {
		err = fmt.Errorf("the event expunges %v", e.UIDs)
	}
	return err
}

func (s *story) refused(ctx context.Context) error {
	for _, c := range []struct{ command, answer string }{
		{"NOTIFY SET (selected MessageNew)", "BAD Expected "},
		{"NOTIFY SET (personal (MessageNew))", "BAD "},
		{"NOTIFY SET (personal (MessageNew MessageExpunge LemonSqueezed))", "NO [BADEVENT (MessageNew "},
	} {
		answer, err := s.phone.command(c.command)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(answer, c.answer) {
			return fmt.Errorf("%s was answered by %q", c.command, answer)
		}
	}
	if err := s.deliver(ctx, "Lemonade all the same"); err != nil {
		return err
	}
	return s.phone.wait("* 4 EXISTS", "* 4 FETCH (UID 5 ")
}

func (s *story) none(ctx context.Context) error {
	if err := s.phone.ok("NOTIFY NONE"); err != nil {
		return err
	}
	s.phone.seen = nil
	if err := s.deliver(ctx, "Lemonade in silence"); err != nil {
		return err
	}
	return s.phone.silent()
}
