// Package filter decides who is told about a message store event, and how.
//
// RFC 5551, section 2 and draft-ietf-lemonade-notifications-04, sections 3 and
// 4 know four filters: administrative (AF) and deposit filters (DF) act while
// a message is delivered, view filters (VF) make part of the mail visible, and
// notification filters (NF) choose the events that a device is told of while
// it is not connected. This package has the notification filter, [Decide].
//
// Its functions are pure: they keep no state, start nothing, and read no
// clock. What they decide on is given to them; what follows from it is done by
// package outband.
package filter
