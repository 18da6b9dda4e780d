package emn

import (
	"strings"
	"time"
)

// moment is a date and time as read, with what its text left out or added.
type moment struct {
	time     time.Time // in UTC
	extended bool      // written with "-" and ":"
	seconds  bool      // has seconds
	fraction bool      // has a fraction of a second
	leap     bool      // has second 60, read as the second after 59
	zone     byte      // 'Z', '+' or '-' for a numeric offset, 0 for none
}

// readMoment reads date-time of RFC 3339, section 5.6, and what the lenient
// mode takes beyond it: no seconds, no zone, or ISO 8601 basic format.
//
//	full-date    = date-fullyear "-" date-month "-" date-mday
//	partial-time = time-hour ":" time-minute ":" time-second [time-secfrac]
//	full-time    = partial-time time-offset
//	date-time    = full-date "T" full-time
func readMoment(s string) (m moment, ok bool) {
	c := cursor{rest: s}
	year := c.number(4)
	m.extended = c.skip('-')
	separator := func(b byte) { c.bad = c.bad || c.skip(b) != m.extended }
	month := c.number(2)
	separator('-')
	day := c.number(2)
	c.bad = c.bad || !c.skip('T') && !c.skip('t')
	hour := c.number(2)
	separator(':')
	minute := c.number(2)
	second := 0
	if m.extended && c.skip(':') || !m.extended && c.isDigit() {
		m.seconds = true
		second = c.number(2)
	}
	nanos := 0
	if m.seconds && c.skip('.') {
		m.fraction = true
		nanos = c.nanoseconds()
	}
	offset := c.offset(&m.zone)
	if c.bad || c.rest != "" || hour > 23 || minute > 59 || second > 60 {
		return m, false
	}
	if m.leap = second == 60; m.leap {
		second = 59
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	if t.Month() != time.Month(month) || t.Day() != day { // carried over, as 30 February is
		return m, false
	}
	if m.leap {
		t = t.Add(time.Second)
	}
	m.time = t.Add(-offset)
	return m, yearFits(m.time)
}

// yearFits reports whether the year of t in UTC has four digits.
func yearFits(t time.Time) bool {
	y := t.UTC().Year()
	return 0 <= y && y <= 9999
}

// isTimestamp reports whether s is m written as %Datetime of OMA EMN 1.0.
func (m moment) isTimestamp(s string) bool {
	var buf [len(timestampLayout)]byte
	return string(m.time.AppendFormat(buf[:0], timestampLayout)) == s
}

// parseTimestamp reads %Datetime of OMA EMN 1.0; strict says whether s has that
// very form, and ok whether it can be read at all.
//
// QUIRK: xml2wbxml of libwbxml passes a missing "Z" through; other senders omit
// the seconds, or write ISO 8601 basic format, which is what the WBXML form packs
// into BCD. An offset is never guessed and never taken: EMN is UTC only.
func parseTimestamp(s string) (t time.Time, strict, ok bool) {
	m, ok := readMoment(s)
	if !ok || m.fraction || m.zone == '+' || m.zone == '-' {
		return time.Time{}, false, false
	}
	return m.time, m.isTimestamp(s), true
}

// parseDate reads date-time of RFC 3339, section 5.6; strict and ok are as in
// parseTimestamp.
//
// QUIRK: the draft gives datetime no format, so some senders copy the Date
// field of the message, RFC 5322, section 3.3. A leap second, which RFC 3339 has
// and time.Time has not, becomes the second after it.
func parseDate(s string) (t time.Time, strict, ok bool) {
	if m, ok := readMoment(s); ok && m.extended && m.seconds && m.zone != 0 {
		return m.time, !m.leap, true
	}
	s, _, _ = strings.Cut(s, " (") // a comment, as in "+0000 (UTC)"
	for _, layout := range rfc5322Layouts {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil && yearFits(t) {
			return t.UTC(), false, true
		}
	}
	return time.Time{}, false, false
}

// rfc5322Layouts are the forms of date-time, RFC 5322, section 3.3, with and
// without the optional day of the week and seconds, and with the two obsolete
// zones that mean UTC.
var rfc5322Layouts = [...]string{
	"Mon, 2 Jan 2006 15:04:05 -0700",
	"2 Jan 2006 15:04:05 -0700",
	"Mon, 2 Jan 2006 15:04 -0700",
	"2 Jan 2006 15:04 -0700",
	"Mon, 2 Jan 2006 15:04:05 GMT",
	"Mon, 2 Jan 2006 15:04:05 UT",
}

// cursor reads a string from the left. Once bad it stays so.
type cursor struct {
	rest string
	bad  bool
}

func (c *cursor) skip(b byte) bool {
	if c.rest == "" || c.rest[0] != b {
		return false
	}
	c.rest = c.rest[1:]
	return true
}

func (c *cursor) isDigit() bool {
	return c.rest != "" && '0' <= c.rest[0] && c.rest[0] <= '9'
}

// number reads n digits.
func (c *cursor) number(n int) int {
	v := 0
	for range n {
		if !c.isDigit() {
			c.bad = true
			return 0
		}
		v = v*10 + int(c.rest[0]-'0')
		c.rest = c.rest[1:]
	}
	return v
}

// nanoseconds reads the digits of
//
//	time-secfrac = "." 1*DIGIT
//
// and drops what is below a nanosecond. RFC 3339, section 5.6.
func (c *cursor) nanoseconds() int {
	v := c.number(1)
	for range 8 {
		v *= 10
		if c.isDigit() {
			v += c.number(1)
		}
	}
	for c.isDigit() {
		c.number(1)
	}
	return v
}

// offset reads
//
//	time-numoffset = ("+" / "-") time-hour ":" time-minute
//	time-offset    = "Z" / time-numoffset
//
// or nothing, and sets zone to the first octet. RFC 3339, section 5.6.
func (c *cursor) offset(zone *byte) time.Duration {
	if c.skip('Z') || c.skip('z') {
		*zone = 'Z'
		return 0
	}
	sign := time.Duration(1)
	switch {
	case c.skip('+'):
		*zone = '+'
	case c.skip('-'):
		*zone, sign = '-', -1
	default:
		return 0
	}
	hour := c.number(2)
	c.bad = c.bad || !c.skip(':')
	minute := c.number(2)
	c.bad = c.bad || hour > 23 || minute > 59
	return sign * (time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}
