package notifyserver

import (
	"bytes"
	"strings"
)

// editCapabilities returns a response with the capabilities that hold on this
// connection, or nil if it has none: CAPABILITY itself, or the code of a status
// response. The caller holds c.wmu.
func (c *Conn) editCapabilities(line []byte) []byte {
	const word = "CAPABILITY "
	end := len(bytes.TrimRight(line, "\r\n"))
	var at int
	if bytes.HasPrefix(line, []byte("* "+word)) {
		at = len("* " + word)
	} else {
		// tag SP type SP "[CAPABILITY ..."
		i := bytes.Index(line, []byte(" ["+word))
		if i < 0 || bytes.Count(line[:i], []byte(" ")) != 1 {
			return nil
		}
		at = i + len(" ["+word)
		n := bytes.IndexByte(line[at:], ']')
		if n < 0 {
			return nil
		}
		end = at + n
	}
	caps := c.capabilities(strings.Fields(string(line[at:end])))
	out := append([]byte(nil), line[:at]...)
	out = append(out, strings.Join(caps, " ")...)
	return append(out, line[end:]...)
}

// capabilities returns what holds on this connection of what the server behind
// has, and what the layer adds.
func (c *Conn) capabilities(behind []string) []string {
	secure, isTLS := c.secure(), c.TLS() != nil
	c.mu.Lock()
	loggedIn, known := c.session.loggedIn, c.session.user != ""
	c.mu.Unlock()
	var caps []string
	for _, name := range behind {
		switch upper := strings.ToUpper(name); {
		case strings.HasPrefix(upper, "COMPRESS="), upper == "STARTTLS" && c.server.TLSConfig != nil:
		case !secure && (strings.HasPrefix(upper, "AUTH=") || upper == "SASL-IR" || upper == "LOGINDISABLED"):
		case upper == "ID", upper == "NOTIFY", upper == "METADATA" && c.server.Store != nil:
		default:
			caps = append(caps, name)
		}
	}
	caps = append(caps, "ID")
	switch {
	case loggedIn:
		if c.server.Source != nil && known {
			caps = append(caps, "NOTIFY")
		}
		if c.server.Store != nil && known {
			caps = append(caps, "METADATA")
		}
	default:
		if c.server.TLSConfig != nil && !isTLS {
			caps = append(caps, "STARTTLS")
		}
		if !secure {
			caps = append(caps, "LOGINDISABLED")
		}
	}
	return caps
}

// enabled follows an ENABLED response and returns it with what the layer has
// enabled, or nil.
func (c *Conn) enabled(line []byte) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, name := range bytes.Fields(line)[2:] {
		switch strings.ToUpper(string(name)) {
		case "IMAP4REV2", "UTF8=ACCEPT":
			c.session.utf8 = true
		}
	}
	if len(c.cmd.enables) == 0 {
		return nil
	}
	out := append([]byte(nil), bytes.TrimRight(line, "\r\n")...)
	for _, name := range c.cmd.enables {
		out = append(append(out, ' '), name...)
	}
	return append(out, "\r\n"...)
}
