// Package outband tells devices that are not connected: it takes message store
// events, decides with package filter which devices are told, makes the
// payload (package emn), and hands it to a channel.
//
// draft-ietf-lemonade-notifications-04, sections 9, 10 and 14.5.1. [UDP] is
// the channel that needs nothing but a network; others implement [Channel].
package outband
