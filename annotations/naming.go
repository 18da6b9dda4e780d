package annotations

import "strconv"

// Naming is a way to spell the names of the /notify entries. The zero value is
// NamingMetadata.
//
// The draft names attributes of entries, as drafts of RFC 5464 had them. RFC
// 5464 has entries only, and wants those that no RFC registers below
// /vendor/.
type Naming uint8

// The namings.
const (
	// NamingMetadata has "/private/notify/outband/channel".
	NamingMetadata Naming = iota
	// NamingDraft has the entry "/notify/outband" and its attribute
	// "channel.priv"; no command of RFC 5464 can carry it.
	NamingDraft
	// NamingVendor has "/private/vendor/vendor.lemonade/notify/outband/channel",
	// for servers that refuse what is not registered.
	NamingVendor
)

// String returns "metadata", "draft" or "vendor", or Naming(n) if n is none of
// the constants.
func (n Naming) String() string {
	switch n {
	case NamingMetadata:
		return "metadata"
	case NamingDraft:
		return "draft"
	case NamingVendor:
		return "vendor"
	}
	return "Naming(" + strconv.Itoa(int(n)) + ")"
}
