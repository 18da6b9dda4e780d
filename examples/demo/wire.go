package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/golemonade/lemonade/notifyproto"
)

// wire is the phone's own IMAP connection, which says and shows each line: go-
// imap's client has no NOTIFY.
type wire struct {
	d      *demo
	name   string
	conn   net.Conn
	frames *notifyproto.FrameReader
	tags   int
	seen   []string // untagged responses since the last look
}

func (s *story) connect(ctx context.Context, login string) (*wire, error) {
	conn, err := s.dial(ctx, s.d.server.IMAPAddr())
	if err != nil {
		return nil, err
	}
	w := &wire{d: s.d, name: login, conn: conn, frames: notifyproto.NewFrameReader(bufio.NewReader(conn))}
	w.frames.Responses = true
	if _, err := w.frames.ReadFrame(); err != nil { // the greeting
		return nil, err
	}
	name, _, _ := strings.Cut(login, "+")
	return w, w.ok("LOGIN " + login + " " + name)
}

// ok sends a command and fails unless the answer is OK.
func (w *wire) ok(command string) error {
	answer, err := w.command(command)
	if err == nil && !strings.HasPrefix(answer, "OK") {
		err = fmt.Errorf("%s: %s", command, answer)
	}
	return err
}

// command sends a command and returns its answer without the tag.
func (w *wire) command(command string) (string, error) {
	w.tags++
	tag := fmt.Sprintf("%c%d", w.name[0], w.tags)
	w.d.say("imap", "%s> %s %s", w.name, tag, oneLine(command))
	if _, err := io.WriteString(w.conn, tag+" "+command+"\r\n"); err != nil {
		return "", err
	}
	for {
		frame, err := w.read()
		if err != nil {
			return "", err
		}
		if answer, ok := strings.CutPrefix(frame, tag+" "); ok {
			return answer, nil
		}
		w.seen = append(w.seen, frame)
	}
}

// read reads a response and shows it.
func (w *wire) read() (string, error) {
	frame, err := w.frames.ReadFrame()
	if err != nil {
		return "", err
	}
	w.d.say("imap", "%s< %s", w.name, oneLine(string(frame)))
	return string(frame), nil
}

// oneLine shows literals and messages in a line.
func oneLine(s string) string { return strings.ReplaceAll(s, "\r\n", " | ") }

// wait waits for an untagged response that begins with each of the prefixes in
// turn, quotes aside, without sending anything.
func (w *wire) wait(prefixes ...string) error {
	w.conn.SetReadDeadline(time.Now().Add(wakeTime))
	defer w.conn.SetReadDeadline(time.Time{})
	for len(prefixes) > 0 {
		if len(w.seen) == 0 {
			frame, err := w.read()
			if err != nil {
				return fmt.Errorf("no %q within %v", prefixes[0], wakeTime)
			}
			w.seen = append(w.seen, frame)
		}
		frame := w.seen[0]
		w.seen = w.seen[1:]
		if strings.HasPrefix(strings.ReplaceAll(frame, `"`, ""), prefixes[0]) {
			prefixes = prefixes[1:]
		}
	}
	return nil
}

// silent makes sure that nothing comes.
func (w *wire) silent() error {
	if len(w.seen) > 0 {
		return fmt.Errorf("%q came", w.seen[0])
	}
	w.conn.SetReadDeadline(time.Now().Add(silence))
	defer w.conn.SetReadDeadline(time.Time{})
	if frame, err := w.read(); err == nil {
		return fmt.Errorf("%q came", frame)
	}
	return nil
}

// close logs out and waits for the server to hang up.
func (w *wire) close() error {
	defer w.conn.Close()
	if err := w.ok("LOGOUT"); err != nil {
		return err
	}
	if _, err := w.frames.ReadFrame(); err != io.EOF {
		return fmt.Errorf("after LOGOUT: %v", err)
	}
	return nil
}
