package notifyserver

// ownTag is the tag of the layer's own commands. It may be a client's tag too:
// whose response it is follows from who was given to the server behind.
const ownTag = "lemonade"

// op is a command of the layer's own. Its functions are called with Conn.wmu
// held.
type op struct {
	// command has no tag and no CRLF. An empty one is done at once.
	command string

	captures string             // the untagged responses that captured gets, such as "LIST"
	captured func(frame []byte) // frame has no final CRLF and is valid during the call

	tells     bool // the client may be told of its selected mailbox; see Quiet
	holdFlags bool // FETCH responses are not for the client now

	done func(ok bool) // may add to Conn.ops
}

// maxOwnCommand is the longest command of the layer's own, in octets: imapserver
// takes 50 KiB, and loses its place in the stream beyond. Longer ones fail.
const maxOwnCommand = 49 << 10

// startOp gives the next command of the layer's own to the server behind, and
// reports whether there was one.
func (c *Conn) startOp() bool {
	c.wmu.Lock()
	defer c.wmu.Unlock()
	for len(c.ops) > 0 {
		if n := len(c.ops[0].command); n > 0 && n <= maxOwnCommand {
			c.busy = true
			c.out = append(append(append(c.out, ownTag+" "...), c.ops[0].command...), "\r\n"...)
			return true
		}
		c.busy = true
		c.finish(c.ops[0].command == "")
	}
	c.ops = nil
	if c.held != nil {
		held := c.held
		c.held = nil
		c.sendOwn(held)
	}
	return false
}

// finish ends the command that is at work. The caller holds c.wmu.
func (c *Conn) finish(ok bool) {
	done := c.ops[0]
	c.ops, c.busy = c.ops[1:], false
	if done.done != nil {
		done.done(ok)
	}
}
