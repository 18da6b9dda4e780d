package annotations

import (
	"strconv"
	"strings"
)

// Item is one attribute of the /notify schema, whatever the spelling of its
// name. The zero value is none.
//
// draft-ietf-lemonade-notifications-04, sections 11.2 and 11.3.
type Item uint8

// The items. On a mailbox they are preferences, except for the last two; at
// server level (an empty mailbox name) ItemChannel and the last two are
// provision, which clients only read.
const (
	ItemChannel    Item = iota + 1 // channel.priv: [Channel]; at server level [ParseChannels]
	ItemAddress                    // address.priv: see [ValidateAddress]
	ItemLimit                      // limit.priv: [Limit]
	ItemMsgFormat                  // msgformat.priv: a fetch-att, kept as text
	ItemPush                       // push.priv: [Inband]
	ItemFilter                     // filter.priv: [EventFilter]
	ItemCredential                 // credential.priv: who sends the notifications
	ItemPushEvents                 // push.shared: the names of events that can be pushed
)

// items has the names of each item, and the field of [Preferences] that it is
// in.
var items = [...]struct {
	scope            Scope
	path             string // in NamingMetadata, below the scope
	entry, attribute string // in NamingDraft
	field            string
}{
	ItemChannel:    {ScopePrivate, "/notify/outband/channel", "/notify/outband", "channel.priv", fieldChannel},
	ItemAddress:    {ScopePrivate, "/notify/outband/address", "/notify/outband", "address.priv", fieldAddress},
	ItemLimit:      {ScopePrivate, "/notify/outband/limit", "/notify/outband", "limit.priv", fieldLimit},
	ItemMsgFormat:  {ScopePrivate, "/notify/inband/msgformat", "/notify/inband", "msgformat.priv", fieldMsgFormat},
	ItemPush:       {ScopePrivate, "/notify/inband/push", "/notify/inband", "push.priv", fieldPush},
	ItemFilter:     {ScopePrivate, "/notify/event/filter", "/notify/event", "filter.priv", fieldFilter},
	ItemCredential: {ScopePrivate, "/notify/outband/credential", "/notify/outband", "credential.priv", ""},
	ItemPushEvents: {ScopeShared, "/notify/inband/push", "/notify/inband", "push.shared", ""},
}

// vendorTree is what the vendor naming has between the scope and the rest of a
// name: the name space of this library.
const vendorTree = "/vendor/vendor.lemonade"

// notifyTree is the part of the tree that the schema is in.
const notifyTree = "/notify"

// EntryOutstanding is the entry, at server level, by which a server tells a
// device which notifications it has not reacted to. Clients only read it.
//
// draft-ietf-lemonade-notifications-04, section 14.8.
const EntryOutstanding = Entry(string(ScopePrivate) + vendorTree + "/outstanding")

// String returns the draft's name of i, such as "/notify/outband channel.priv",
// or Item(n) if i is none of the constants.
func (i Item) String() string {
	entry, attribute, ok := i.Name(NamingDraft)
	if !ok {
		return "Item(" + strconv.Itoa(int(i)) + ")"
	}
	return entry + " " + attribute
}

// Name returns how a naming spells i, and false if either is none of the
// constants. Only [NamingDraft] has an attribute.
func (i Item) Name(n Naming) (entry, attribute string, ok bool) {
	if i == 0 || int(i) >= len(items) {
		return "", "", false
	}
	item := &items[i]
	switch n {
	case NamingMetadata:
		return string(item.scope) + item.path, "", true
	case NamingDraft:
		return item.entry, item.attribute, true
	case NamingVendor:
		return string(item.scope) + vendorTree + item.path, "", true
	}
	return "", "", false
}

// Entry returns the entry of i in [NamingMetadata], or "" if i is none of the
// constants.
func (i Item) Entry() Entry {
	entry, _, _ := i.Name(NamingMetadata)
	return Entry(entry)
}

// IsPreference reports whether i, on a mailbox, is a preference.
func (i Item) IsPreference() bool {
	return i >= ItemChannel && i <= ItemFilter
}

// IsProvision reports whether i, at server level, is provision.
func (i Item) IsProvision() bool {
	return i == ItemChannel || i == ItemCredential || i == ItemPushEvents
}

// ParseItem returns the item that a naming spells so, in any case; of the
// entry alone in namings without attributes. It returns false for names that
// are not in the schema.
func ParseItem(n Naming, entry, attribute string) (Item, bool) {
	for i := ItemChannel; int(i) < len(items); i++ {
		item := &items[i]
		switch n {
		case NamingDraft:
			if equalFold(entry, item.entry) && equalFold(attribute, item.attribute) {
				return i, true
			}
		case NamingMetadata, NamingVendor:
			rest, ok := cutFold(entry, string(item.scope))
			if ok && n == NamingVendor {
				rest, ok = cutFold(rest, vendorTree)
			}
			if ok && attribute == "" && equalFold(rest, item.path) {
				return i, true
			}
		}
	}
	return 0, false
}

// cutFold returns s without a prefix in any case, and whether it had it.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !equalFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// ItemOf returns the item of an entry in [NamingMetadata] or [NamingVendor], and
// which of the two it is.
func ItemOf(e Entry) (Item, Naming, bool) {
	for _, n := range [...]Naming{NamingMetadata, NamingVendor} {
		if i, ok := ParseItem(n, string(e), ""); ok {
			return i, n, true
		}
	}
	return 0, 0, false
}

// canonical returns e, or the entry in [NamingMetadata] that it is another
// spelling of: all below /notify are, known to the schema or not.
func canonical(e Entry) Entry {
	scope := e.Scope()
	if rest, found := strings.CutPrefix(string(e), string(scope)+vendorTree); found && scope != "" {
		if c := scope + Scope(rest); isNotify(Entry(c)) {
			return Entry(c)
		}
	}
	return e
}

// vendorSpelling returns the entry in [NamingVendor] of e, which is canonical;
// false if it is not below /notify.
func vendorSpelling(e Entry) (Entry, bool) {
	if !isNotify(e) {
		return "", false
	}
	scope := e.Scope()
	return Entry(scope) + vendorTree + e[len(scope):], true
}

// isNotify reports whether e, which is canonical, is /notify or below it.
func isNotify(e Entry) bool {
	scope := e.Scope()
	return scope != "" && e.Within(Entry(scope)+notifyTree, DepthInfinity)
}
