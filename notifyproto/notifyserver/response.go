package notifyserver

import (
	"bytes"
	"slices"
	"strconv"
	"time"

	"github.com/golemonade/lemonade/notifyproto"
)

// response is where in its responses the server behind is.
type response struct {
	line    []byte // beginning of a line whose end has not come
	lit     int64  // octets of a literal to come
	inside  bool   // the line goes on with a response that was judged
	text    bool   // that response has no literals
	verdict verdict

	captured []byte // the response at hand, for verdict capture
	waits    bool   // there is something to tell when it is whole

	flags []flagsChanged // held back until the client sends a command
	held  int            // octets of flags
	lost  bool           // some of flags were too many to be kept
}

// begun reports whether the client has a part of a response.
func (r *response) begun() bool { return r.inside || r.lit > 0 }

// verdict is what becomes of a response of the server behind.
type verdict int

const (
	pass    verdict = iota // the client gets it
	drop                   // nobody does
	capture                // the layer does
)

// flagsChanged is a FETCH response with flags that the client did not ask for.
type flagsChanged struct {
	seqNum uint32
	rest   []byte // what follows the number
}

// maxResponseLine bounds what is kept of a line before it is judged by its
// beginning; what needs the whole line is shorter.
const maxResponseLine = 16 << 10

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	r := &c.resp
	from := 0 // p[from:at] goes to the client as it is
	for at := 0; at < len(p); {
		if r.lit > 0 {
			n := int(min(r.lit, int64(len(p)-at)))
			r.lit -= int64(n)
			at += n
			if r.verdict != pass {
				r.keep(p[at-n : at])
				from = at
			}
			continue
		}
		i := bytes.IndexByte(p[at:], '\n')
		if i < 0 {
			if err := c.send(p[from:at]); err != nil {
				return 0, err
			}
			return len(p), c.incomplete(p[at:])
		}
		line := p[at : at+i+1]
		whole := len(r.line) == 0
		if !whole {
			line = append(r.line, line...)
			r.line = nil
		}
		replaced := c.part(line)
		at += i + 1
		if whole && replaced == nil && r.verdict == pass {
			if !r.inside {
				c.ended()
			}
			continue
		}
		if err := c.send(p[from : at-i-1]); err != nil {
			return 0, err
		}
		from = at
		switch {
		case r.verdict != pass:
			r.keep(line)
		case replaced != nil:
			line = replaced
			fallthrough
		default:
			if err := c.send(line); err != nil {
				return 0, err
			}
		}
		if !r.inside {
			c.ended()
		}
	}
	return len(p), c.send(p[from:])
}

// keep adds octets to a response that is captured.
func (r *response) keep(octets []byte) {
	if r.verdict == capture && len(r.captured)+len(octets) <= MaxCommand {
		r.captured = append(r.captured, octets...)
	}
}

// incomplete takes a line whose end is not there yet. A long one is judged by
// what there is of it, and goes out but for its last octets, which may
// announce a literal.
func (c *Conn) incomplete(octets []byte) error {
	r := &c.resp
	r.line = append(r.line, octets...)
	if len(r.line) <= maxResponseLine {
		return nil
	}
	if !r.inside {
		r.verdict, _ = c.judge(r.line)
		r.inside, r.text = true, !hasLiterals(r.line)
	}
	n := len(r.line) - maxSuffix
	head := r.line[:n]
	r.line = bytes.Clone(r.line[n:])
	if r.verdict != pass {
		r.keep(head)
		return nil
	}
	return c.send(head)
}

// part takes a line of a response and returns what the client gets instead of
// it, nil for the line itself.
func (c *Conn) part(line []byte) (replaced []byte) {
	r := &c.resp
	if !r.inside {
		r.verdict, replaced = c.judge(line)
		r.text = !hasLiterals(line)
	}
	size, _, ok := notifyproto.LiteralSuffix(bytes.TrimRight(line, "\r\n"))
	if r.inside = ok && !r.text; r.inside {
		r.lit = size
	}
	return replaced
}

// hasLiterals reports whether a response that begins with line can have
// literals: status responses end with text, which may look like one.
func hasLiterals(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("* "))
	if !ok {
		return false
	}
	switch word, _, _ := bytes.Cut(rest, []byte(" ")); string(word) {
	case "OK", "NO", "BAD", "BYE", "PREAUTH":
		return false
	}
	return true
}

// ended is called when a response was written whole.
func (c *Conn) ended() {
	r := &c.resp
	if r.verdict == capture {
		frame := bytes.TrimSuffix(r.captured, []byte("\r\n"))
		r.captured = nil
		if c.busy && c.ops[0].captured != nil {
			c.ops[0].captured(frame)
		}
	}
	r.verdict = pass
	if r.waits {
		r.waits = false
		c.mu.Lock()
		c.wake(time.Now())
		c.mu.Unlock()
	}
}

// judge decides about a response by its first line.
func (c *Conn) judge(line []byte) (verdict, []byte) {
	if rest, ok := bytes.CutPrefix(line, []byte("* ")); ok {
		return c.untagged(line, rest)
	}
	if c.busy {
		if rest, ok := bytes.CutPrefix(line, []byte(ownTag+" ")); ok {
			c.finish(bytes.HasPrefix(rest, []byte("OK")))
			return drop, nil
		}
		return pass, nil
	}
	if rest, ok := bytes.CutPrefix(line, []byte(c.cmd.tag+" ")); ok && c.cmd.tag != "" && !c.cmd.answered {
		return c.tagged(line, rest)
	}
	return pass, nil
}

// untagged judges an untagged response; rest follows its "* ".
func (c *Conn) untagged(line, rest []byte) (verdict, []byte) {
	word, after, _ := bytes.Cut(rest, []byte(" "))
	if n, err := strconv.ParseUint(string(word), 10, 32); err == nil {
		kind, _, _ := bytes.Cut(bytes.TrimRight(after, "\r\n"), []byte(" "))
		switch string(kind) {
		case "EXPUNGE":
			c.resp.expunged(uint32(n))
		case "FETCH":
			if c.busy && c.ops[0].holdFlags {
				c.resp.hold(uint32(n), rest[len(word):])
				return drop, nil
			}
		}
		return pass, nil
	}
	switch string(trimLine(word)) {
	case "CAPABILITY", "OK", "PREAUTH":
		return pass, c.editCapabilities(line)
	case "ENABLED":
		return pass, c.enabled(line)
	}
	if c.busy && c.ops[0].captured != nil && string(word) == c.ops[0].captures {
		return capture, nil
	}
	return pass, nil
}

// hold keeps a FETCH response with flags, of which the last one counts.
func (r *response) hold(seqNum uint32, rest []byte) {
	i := slices.IndexFunc(r.flags, func(f flagsChanged) bool { return f.seqNum == seqNum })
	if i >= 0 {
		r.held -= len(r.flags[i].rest)
		r.flags[i].rest = bytes.Clone(rest)
	} else if !r.lost {
		r.flags = append(r.flags, flagsChanged{seqNum, bytes.Clone(rest)})
	}
	if r.held += len(rest); len(r.flags) > maxHeldFlags || r.held > MaxQueue {
		r.lost = true
	}
	if r.lost {
		r.flags, r.held = nil, 0
	}
}

// expunged gives the responses that are held the numbers that their messages
// have now.
func (r *response) expunged(seqNum uint32) {
	kept := r.flags[:0]
	for _, f := range r.flags {
		if f.seqNum == seqNum {
			r.held -= len(f.rest)
			continue
		}
		if f.seqNum > seqNum {
			f.seqNum--
		}
		kept = append(kept, f)
	}
	r.flags = kept
}

// appendHeld appends the responses that were held back.
func (r *response) appendHeld(b []byte) []byte {
	for _, f := range r.flags {
		b = append(b, "* "...)
		b = strconv.AppendUint(b, uint64(f.seqNum), 10)
		b = append(b, f.rest...)
	}
	r.flags, r.held = nil, 0
	return b
}
