package notifyserver

import (
	"bytes"
	"strings"

	"github.com/emersion/go-imap/v2"

	"github.com/golemonade/lemonade/internal/imapsyntax"
	"github.com/golemonade/lemonade/notifyproto"
)

// command is a command of the client's.
type command struct {
	tag, name string // name is upper-cased; both empty if the line has none

	// text has the command, its tag included, of those whose arguments the
	// layer wants to know, up to maxCapture octets; and all of it of those that
	// the layer answers itself, which are collected.
	text    []byte
	wanted  bool // text is kept
	collect bool // the layer answers it

	plain        bool       // AUTHENTICATE PLAIN
	user, device string     // who logs in, if that is known
	enables      []string   // what the layer enables
	fresh        []imap.UID // new messages that it may release
	untold       bool       // changes that it may tell of

	nonSync  bool // its last literal comes without being asked for
	answered bool // the server behind has sent its tagged response
}

// maxCapture bounds what is kept of the arguments of a command that is passed
// on; a mailbox name that is longer is not known to the layer.
const maxCapture = 4 << 10

// newCommand begins a command with its first line, or as much of it as there
// is.
func newCommand(line []byte) command {
	tag, rest, ok := bytes.Cut(line, []byte(" "))
	if !ok || len(tag) == 0 {
		return command{}
	}
	name, _, _ := bytes.Cut(bytes.TrimRight(rest, "\r\n"), []byte(" "))
	if len(name) > 32 {
		return command{}
	}
	return command{tag: string(tag), name: strings.ToUpper(string(name))}
}

// capture keeps a part of the command.
func (cmd *command) capture(octets []byte) {
	if cmd.wanted && len(cmd.text)+len(octets) <= maxCapture {
		cmd.text = append(cmd.text, octets...)
	} else {
		cmd.wanted = false
	}
}

// arguments returns what follows the tag, or nil if it was not kept whole.
func (cmd *command) arguments() []byte {
	if !cmd.wanted || len(cmd.text) < len(cmd.tag)+1 {
		return nil
	}
	return trimLine(cmd.text[len(cmd.tag)+1:])
}

// trimLine returns a line, or a command, without the end of the line.
func trimLine(line []byte) []byte {
	line, _ = bytes.CutSuffix(line, []byte("\n"))
	line, _ = bytes.CutSuffix(line, []byte("\r"))
	return line
}

// begin takes the first line of a command.
func (c *Conn) begin(line []byte) {
	c.newCommand(line)
	if c.cmd.name == "SELECT" || c.cmd.name == "EXAMINE" {
		c.cmd.wanted = true
		c.selecting()
	}
	if !c.cmd.collect {
		c.release()
	}
	c.goOn(line)
}

// newCommand begins a command with its first line, or a part of it.
func (c *Conn) newCommand(line []byte) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	if fresh := c.cmd.fresh; len(fresh) > 0 || c.cmd.untold {
		// The command before had no tagged response that could be seen.
		c.mu.Lock()
		c.session.queue.putBack(fresh, c.cmd.untold)
		c.mu.Unlock()
	}
	c.cmd = newCommand(line)
	c.cmd.collect = c.collects(c.cmd.name)
}

// collects reports whether the layer collects a command, because it answers it
// or wants to change it.
func (c *Conn) collects(name string) bool {
	if !c.secure() {
		return true // see harmless
	}
	switch name {
	case "NOTIFY", "ID", "LOGIN", "AUTHENTICATE":
		return true
	case "GETMETADATA", "SETMETADATA", "ENABLE":
		return c.server.Store != nil
	case "STARTTLS":
		return c.server.TLSConfig != nil
	case "IDLE":
		return c.notifyInForce()
	}
	return false
}

// release notes the new messages of which the client may hear by the command
// that it has begun: it is owed their attributes then. Flags that were held
// back are told first, since the command may change them.
func (c *Conn) release() {
	c.mu.Lock()
	fresh, untold := c.takeFresh()
	c.mu.Unlock()
	c.wmu.Lock()
	defer c.wmu.Unlock()
	c.cmd.fresh, c.cmd.untold = fresh, untold
	switch c.cmd.name {
	case "SELECT", "EXAMINE", "CLOSE", "UNSELECT", "LOGOUT", "UNAUTHENTICATE":
		return // they would seem to be of another mailbox
	}
	c.tellHeld()
}

// takeFresh takes from the queue what the next thing that the session behind
// says tells of. The caller holds c.mu.
func (c *Conn) takeFresh() (fresh []imap.UID, untold bool) {
	q := &c.session.queue
	fresh, untold = append(c.batch.fresh, q.fresh...), c.batch.untold || q.untold
	c.batch.fresh, c.batch.untold = nil, false
	q.size -= freshSize * len(q.fresh)
	q.fresh, q.untold = nil, false
	return fresh, untold
}

// tellHeld writes the FETCH responses that were held back. The caller holds
// c.wmu.
func (c *Conn) tellHeld() {
	if len(c.resp.flags) > 0 {
		c.sendOwn(c.resp.appendHeld(nil))
	}
}

// goOn takes a line of a command, the first one or one after a literal.
func (c *Conn) goOn(line []byte) {
	text := bytes.TrimRight(line, "\r\n")
	size, nonSync, hasLiteral := notifyproto.LiteralSuffix(text)
	if c.cmd.collect {
		c.collect(line, size, nonSync, hasLiteral)
		return
	}
	c.forward(line)
	switch {
	case hasLiteral:
		c.wmu.Lock()
		c.state, c.lit, c.cmd.nonSync = awaitLiteral, size, nonSync
		c.wmu.Unlock()
	case c.cmd.name == "IDLE":
		c.state = atContinuation
	default:
		c.state = atCommand
	}
}

// collect keeps a line of a command that the layer answers, and answers the
// command when it is there whole.
func (c *Conn) collect(line []byte, size int64, nonSync, hasLiteral bool) {
	c.cmd.text = append(c.cmd.text, line...)
	c.use(len(line))
	if room := int64(MaxCommand - len(c.cmd.text)); room < 0 || hasLiteral && size > room {
		if hasLiteral && nonSync {
			c.discard(size)
		}
		c.tooLong()
		return
	}
	if !hasLiteral {
		cmd := c.cmd
		c.cmd.text, c.state = nil, atCommand
		c.dispatch(&cmd)
		return
	}
	if !nonSync {
		c.say([]byte("+ Ready for literal data\r\n"))
	}
	c.octets(size, func(part []byte) { c.cmd.text = append(c.cmd.text, part...) })
	c.state = inCommand
}

// octets reads a literal of the client's that the server behind does not get.
func (c *Conn) octets(size int64, use func(part []byte)) {
	for size > 0 && c.err == nil {
		if len(c.in) == 0 {
			c.more()
			continue
		}
		n := int(min(int64(len(c.in)), size))
		use(c.in[:n])
		c.use(n)
		size -= int64(n)
	}
}

// discard reads on to the end of a command that is refused: literals that come
// without being asked for, and the lines after them.
func (c *Conn) discard(size int64) {
	for c.err == nil {
		c.octets(size, func([]byte) {})
		i := bytes.IndexByte(c.in, '\n')
		for i < 0 && c.err == nil {
			if len(c.in) > maxLine {
				c.use(len(c.in) - maxSuffix)
			}
			c.more()
			i = bytes.IndexByte(c.in, '\n')
		}
		if i < 0 {
			return
		}
		var nonSync, ok bool
		size, nonSync, ok = notifyproto.LiteralSuffix(bytes.TrimRight(c.in[:i], "\r\n"))
		c.use(i + 1)
		if !ok || !nonSync {
			return
		}
	}
}

// more waits for octets of the client's, in the middle of a command.
func (c *Conn) more() {
	var buf [512]byte
	c.state = inCommand
	n, err := c.receive(buf[:])
	if err == errWake {
		c.tellWhatNeedsNoServer()
	} else if err != nil {
		c.err = err
	}
	c.in = append(c.in, buf[:n]...)
}

// dispatch answers a command that was collected, or gives it to the server
// behind after all.
func (c *Conn) dispatch(cmd *command) {
	text := trimLine(cmd.text)
	text = text[min(len(text), len(cmd.tag)+1):]
	if !c.secure() && (cmd.name == "ENABLE" || cmd.name == "IDLE" || cmd.name == "STARTTLS" && c.server.TLSConfig == nil) {
		c.passHarmless(cmd)
		return
	}
	switch cmd.name {
	case "NOTIFY":
		c.notify(cmd.tag, text)
	case "ID":
		c.id(cmd, text)
	case "GETMETADATA":
		c.getMetadata(cmd.tag, text)
	case "SETMETADATA":
		c.setMetadata(cmd.tag, text)
	case "ENABLE":
		c.enable(cmd, text)
	case "LOGIN":
		c.login(cmd, text)
	case "AUTHENTICATE":
		c.authenticate(cmd, text)
	case "STARTTLS":
		c.startTLS(cmd, text)
	case "IDLE":
		c.idle(cmd)
	default:
		c.passHarmless(cmd)
	}
}

// passHarmless gives a command to the server behind while logins are refused.
// That server takes some octets for the beginning of a command that the layer
// does not: behind a lone CR, in a literal that it refuses, in a line that is
// too long for it. So it gets only what cannot hide a login.
func (c *Conn) passHarmless(cmd *command) {
	if harmless(cmd.text) {
		c.pass(cmd.text)
		return
	}
	c.answer(cmd.tag, imap.StatusResponseTypeBad, imap.ResponseCodeClientBug, "This is no command before TLS")
}

// harmless reports whether a command is a tag and atoms in one line, and a
// short one: that the server behind divides as the layer does.
func harmless(text []byte) bool {
	text = trimLine(text)
	words := bytes.Split(text, []byte(" "))
	for _, word := range words {
		for _, o := range word {
			if !imapsyntax.Is(o, imapsyntax.ClassAtom) {
				return false
			}
		}
	}
	return len(text) < maxCapture && len(words[0]) > 0
}

// pass gives a collected command to the server behind. Its literals go without
// waiting: the client has sent them already.
func (c *Conn) pass(text []byte) {
	for len(text) > 0 {
		i := bytes.IndexByte(text, '\n')
		line := text[:i+1]
		text = text[i+1:]
		trimmed := bytes.TrimRight(line, "\r\n")
		size, nonSync, ok := notifyproto.LiteralSuffix(trimmed)
		if !ok || size > int64(len(text)) {
			c.out = append(c.out, line...)
			continue
		}
		if !nonSync {
			trimmed = append(trimmed[:len(trimmed)-1:len(trimmed)-1], "+}"...)
		}
		c.out = append(c.out, trimmed...)
		c.out = append(c.out, "\r\n"...)
		c.out = append(c.out, text[:size]...)
		text = text[size:]
	}
}
