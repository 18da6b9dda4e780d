package msgevent

import (
	"strings"
	"time"
)

// parseTimestamp parses
//
//	date-time      = full-date "T" full-time
//	full-date      = date-fullyear "-" date-month "-" date-mday
//	full-time      = partial-time time-offset
//	partial-time   = time-hour ":" time-minute ":" time-second
//	                 [time-secfrac]
//	time-secfrac   = "." 1*DIGIT
//	time-offset    = "Z" / time-numoffset
//	time-numoffset = ("+" / "-") time-hour ":" time-minute
//
// RFC 3339, section 5.6, in any case. Digits beyond nanoseconds are dropped.
// It reports false for anything else, for a leap second, which Go has no time
// for, and for the zero time, which an Event has no timestamp for.
func parseTimestamp(s string) (time.Time, bool) {
	const layout = "dddd-dd-ddTdd:dd:dd"
	s = strings.ToUpper(s)
	if len(s) < len(layout) {
		return time.Time{}, false
	}
	for i := range len(layout) {
		if layout[i] == 'd' != isDigit(s[i]) || layout[i] != 'd' && s[i] != layout[i] {
			return time.Time{}, false
		}
	}
	i := len(layout)
	if i < len(s) && s[i] == '.' {
		for i++; i < len(s) && isDigit(s[i]); i++ {
		}
	}
	// time.Parse would take offsets of 24 hours.
	if zone := s[i:]; zone != "Z" && (len(zone) != len("+hh:mm") || zone[1:3] > "23" || zone[4:6] > "59") {
		return time.Time{}, false
	}
	// UTC as the location keeps the result apart from the host's time zone.
	t, err := time.ParseInLocation(time.RFC3339, s, time.UTC)
	return t, err == nil && !t.IsZero()
}

// appendTimestamp is the inverse of parseTimestamp. As in Cyrus there are three
// digits of a second, and more only where they are needed. It reports false for
// a time that RFC 3339 cannot hold.
func appendTimestamp(b []byte, t time.Time) ([]byte, bool) {
	const (
		day   = 24 * 60 * 60
		milli = "2006-01-02T15:04:05.000Z07:00"
	)
	_, offset := t.Zone()
	if year := t.Year(); year < 0 || year > 9999 || offset%60 != 0 || offset <= -day || offset >= day {
		return b, false
	}
	if t.Nanosecond()%int(time.Millisecond) == 0 {
		return t.AppendFormat(b, milli), true
	}
	return t.AppendFormat(b, time.RFC3339Nano), true
}
