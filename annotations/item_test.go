package annotations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// The draft's names are those of its sections 11.2 and 11.3.
var itemNames = []struct {
	item                               annotations.Item
	entry, attribute, metadata, vendor string
	preference, provision              bool
}{
	{annotations.ItemChannel, "/notify/outband", "channel.priv", "/private/notify/outband/channel", "/private/vendor/vendor.lemonade/notify/outband/channel", true, true},
	{annotations.ItemAddress, "/notify/outband", "address.priv", "/private/notify/outband/address", "/private/vendor/vendor.lemonade/notify/outband/address", true, false},
	{annotations.ItemLimit, "/notify/outband", "limit.priv", "/private/notify/outband/limit", "/private/vendor/vendor.lemonade/notify/outband/limit", true, false},
	{annotations.ItemCredential, "/notify/outband", "credential.priv", "/private/notify/outband/credential", "/private/vendor/vendor.lemonade/notify/outband/credential", false, true},
	{annotations.ItemPushEvents, "/notify/inband", "push.shared", "/shared/notify/inband/push", "/shared/vendor/vendor.lemonade/notify/inband/push", false, true},
	{annotations.ItemMsgFormat, "/notify/inband", "msgformat.priv", "/private/notify/inband/msgformat", "/private/vendor/vendor.lemonade/notify/inband/msgformat", true, false},
	{annotations.ItemPush, "/notify/inband", "push.priv", "/private/notify/inband/push", "/private/vendor/vendor.lemonade/notify/inband/push", true, false},
	{annotations.ItemFilter, "/notify/event", "filter.priv", "/private/notify/event/filter", "/private/vendor/vendor.lemonade/notify/event/filter", true, false},
}

func TestItemNames(t *testing.T) {
	for _, tt := range itemNames {
		require.Equal(t, tt.entry+" "+tt.attribute, tt.item.String())
		require.Equal(t, tt.metadata, string(tt.item.Entry()))
		require.Equal(t, tt.preference, tt.item.IsPreference(), tt.item)
		require.Equal(t, tt.provision, tt.item.IsProvision(), tt.item)
		for n, want := range map[annotations.Naming][2]string{
			annotations.NamingMetadata: {tt.metadata, ""},
			annotations.NamingVendor:   {tt.vendor, ""},
			annotations.NamingDraft:    {tt.entry, tt.attribute},
		} {
			entry, attribute, ok := tt.item.Name(n)
			require.True(t, ok)
			require.Equal(t, want, [2]string{entry, attribute})
			item, ok := annotations.ParseItem(n, strings.ToUpper(entry), strings.ToUpper(attribute))
			require.True(t, ok)
			require.Equal(t, tt.item, item)
			if n != annotations.NamingDraft {
				e, err := annotations.ParseEntry(entry)
				require.NoError(t, err)
				item, naming, ok := annotations.ItemOf(e)
				require.True(t, ok)
				require.Equal(t, tt.item, item)
				require.Equal(t, n, naming)
			}
		}
	}
}

func TestItemNone(t *testing.T) {
	for _, i := range []annotations.Item{0, 99} {
		_, _, ok := i.Name(annotations.NamingMetadata)
		require.False(t, ok)
		require.Empty(t, i.Entry())
		require.Contains(t, i.String(), "Item(")
	}
	_, _, ok := annotations.ItemChannel.Name(7)
	require.False(t, ok)
	require.Equal(t, "Naming(7)", annotations.Naming(7).String())
	for _, name := range []string{"", "/private/notify/outband", "/shared/notify/outband/channel", "/private/comment", "/private/notify/outband/channel/x"} {
		_, _, ok := annotations.ItemOf(annotations.Entry(name))
		require.False(t, ok, name)
	}
	_, ok = annotations.ParseItem(annotations.NamingDraft, "/notify/outband", "channel.shared")
	require.False(t, ok)
	_, ok = annotations.ParseItem(annotations.NamingMetadata, "/private/notify/outband/channel", "value")
	require.False(t, ok)
	_, ok = annotations.ParseItem(9, "/private/notify/outband/channel", "")
	require.False(t, ok)
}

func ExampleItem_Name() {
	for _, n := range []annotations.Naming{annotations.NamingDraft, annotations.NamingMetadata, annotations.NamingVendor} {
		entry, attribute, _ := annotations.ItemFilter.Name(n)
		fmt.Println(n, strings.TrimSpace(entry+" "+attribute))
	}
	// Output:
	// draft /notify/event filter.priv
	// metadata /private/notify/event/filter
	// vendor /private/vendor/vendor.lemonade/notify/event/filter
}
