package msgevent

import "math"

// parameter is a row of the table of parameters.
type parameter struct {
	// name is the key in JSON.
	name string
	// field returns a pointer to the parameter's field. Its type says how the
	// parameter is written in JSON.
	field func(e *Event) any
	// min and max bound the value of a number.
	min int64
	max uint64
}

// parameters has the members of an event that RFC 5423, section 5 defines, in
// the order in which they are written: that of Cyrus, with the ones it never
// sends beside their neighbours in meaning. The last row, messageContent, comes
// after the extensions, so that a message cut short loses only content.
var parameters = [...]parameter{
	{name: "event", field: func(e *Event) any { return &e.Type }},
	{name: "timestamp", field: func(e *Event) any { return &e.Timestamp }},
	{name: "service", field: func(e *Event) any { return &e.Service }},
	{name: "serverDomain", field: func(e *Event) any { return &e.ServerDomain }},
	{name: "serverPort", field: func(e *Event) any { return &e.ServerPort }, min: 1, max: math.MaxUint16},
	{name: "clientIP", field: func(e *Event) any { return &e.ClientIP }},
	{name: "clientPort", field: func(e *Event) any { return &e.ClientPort }, min: 1, max: math.MaxUint16},
	{name: "oldMailboxID", field: func(e *Event) any { return &e.OldMailboxID }},
	{name: "mailboxID", field: func(e *Event) any { return &e.MailboxID }},
	{name: "uri", field: func(e *Event) any { return &e.URI }},
	// RFC 4551, section 8 (RFC 5423's reference) has 64 bits, RFC 7162 63.
	{name: "modseq", field: func(e *Event) any { return &e.ModSeq }, min: 1, max: math.MaxUint64},
	{name: "diskQuota", field: func(e *Event) any { return &e.DiskQuota }, max: math.MaxInt64},
	{name: "diskUsed", field: func(e *Event) any { return &e.DiskUsed }, max: math.MaxInt64},
	// QUIRK: Cyrus sends -1 for "unlimited", and leaves an unlimited
	// diskQuota out.
	{name: "maxMessages", field: func(e *Event) any { return &e.MaxMessages }, min: -1, max: math.MaxInt64},
	{name: "messages", field: func(e *Event) any { return &e.Messages }, max: math.MaxUint32},
	{name: "uidnext", field: func(e *Event) any { return &e.UIDNext }, min: 1, max: math.MaxUint32},
	{name: "uidset", field: func(e *Event) any { return &e.UIDs }},
	{name: "flagNames", field: func(e *Event) any { return &e.Flags }},
	// POSIX's pid_t is a signed number, of 32 bits wherever we run.
	{name: "pid", field: func(e *Event) any { return &e.PID }, min: 1, max: math.MaxInt32},
	{name: "process", field: func(e *Event) any { return &e.Process }},
	{name: "user", field: func(e *Event) any { return &e.User }},
	{name: "admin", field: func(e *Event) any { return &e.Admin }},
	{name: "messageSize", field: func(e *Event) any { return &e.MessageSize }, max: math.MaxInt64},
	{name: "serverFQDN", field: func(e *Event) any { return &e.ServerFQDN }},
	{name: "tags", field: func(e *Event) any { return &e.Tags }},
	{name: "envelope", field: func(e *Event) any { return &e.Envelope }},
	{name: "bodyStructure", field: func(e *Event) any { return &e.BodyStructure }},
	{name: "messageContent", field: func(e *Event) any { return &e.Content }},
}

// findParameter returns the index of the row of a name, or -1.
func findParameter(name string) int {
	for i := range parameters {
		if parameters[i].name == name {
			return i
		}
	}
	return -1
}

// inRange reports whether a number, as sign and magnitude, is within the
// bounds of p.
func (p *parameter) inRange(negative bool, magnitude uint64) bool {
	if negative && magnitude != 0 {
		return p.min < 0 && magnitude <= uint64(-p.min)
	}
	return magnitude <= p.max && (p.min < 0 || magnitude >= uint64(p.min))
}
