// Package annotations gives types to the values of the /notify annotations, by
// which a user chooses how and of what to be notified.
//
//	value         type           syntax
//	channel.priv  [Channel]      "NONE", or a mechanism, "=" and a format
//	address.priv  string         by mechanism, see [ValidateAddress]
//	filter.priv   [EventFilter]  "ALL", "NEW" or "NONE"
//
// The words of these values are read in any case and written in upper case.
// The zero value of each type means that nothing was chosen; it is not NONE,
// which is a choice, and it has no written form.
//
// All errors are *[ValueError], or several joined.
//
// draft-ietf-lemonade-notifications-04, section 11.
package annotations
