package annotations_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/golemonade/lemonade/annotations"
	"github.com/stretchr/testify/require"
)

// Names from RFC 5464, sections 3.2.1, 4.2, 4.2.2 and 5, and from the draft in
// the naming of RFC 5464.
func TestParseEntry(t *testing.T) {
	for name, want := range map[string]annotations.Entry{
		"/shared/comment":                                   "/shared/comment",
		"/shared/admin":                                     "/shared/admin",
		"/PRIVATE/Comment":                                  "/private/comment", // section 3.2: case-insensitive
		"/private/filters/values/small":                     "/private/filters/values/small",
		"/private/notify/outband/channel":                   "/private/notify/outband/channel",
		"/shared/vendor/vendor.lemonade/x":                  "/shared/vendor/vendor.lemonade/x",
		"/private/vendorx":                                  "/private/vendorx",
		"/private/with space and \"\\ ]{":                   "/private/with space and \"\\ ]{", // discouraged, not forbidden
		"/private/vendor/vendor.lemonade/view/key":          "/private/vendor/vendor.lemonade/view/key",
		"/private/" + strings.Repeat("component/", 9) + "x": annotations.Entry("/private/" + strings.Repeat("component/", 9) + "x"),
	} {
		e, err := annotations.ParseEntry(name)
		require.NoError(t, err, name)
		require.Equal(t, want, e)
		require.NoError(t, e.Validate())
		e, err = annotations.ParseSpecifier(name)
		require.NoError(t, err, name)
		require.Equal(t, want, e)
	}
}

func TestParseEntryRefused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		offset int
		reason string
	}{
		{"", 0, "empty"},
		{"comment", 0, "no slash"},
		{"/comment", 0, "no scope; RFC 5464 erratum 1691 is about an example like it"},
		{"private/comment", 0, "no slash at the start"},
		{"//private/comment", 0, "an empty component before the scope"},
		{"/privatex/comment", 0, "a scope is a whole component"},
		{"/notify/outband", 0, "the draft's naming"},
		{"/private", 8, "one component"},
		{"/private/", 8, "slash at the end"},
		{"/private//comment", 9, "two slashes"},
		{"/private/a/", 10, "slash at the end"},
		{"/private/a*", 10, "list wildcard"},
		{"/private/%", 9, "list wildcard"},
		{"/private/\x00", 9, "NUL"},
		{"/private/a\r\nb", 10, "CR LF"},
		{"/private/a\nb", 10, "LF"},
		{"/private/\x1a", 9, "a control character that the RFC's range leaves out"},
		{"/private/\x7f", 9, "DEL"},
		{"/private/\xe4", 9, "8-bit"},
		{"/private/ä", 9, "not US-ASCII"},
		{"/shared/vendor", 14, "vendor name space itself"},
		{"/private/Vendor/token", 21, "vendor token itself"},
	} {
		_, err := annotations.ParseEntry(tt.name)
		var e *annotations.EntryError
		require.ErrorAs(t, err, &e, tt.reason)
		require.Equal(t, tt.offset, e.Offset, tt.reason)
		require.Equal(t, tt.name, e.Entry)
		require.Equal(t, "RFC 5464, section 3.2", e.Section)
		require.NotContains(t, e.Error(), "\n")
		require.Error(t, annotations.Entry(tt.name).Validate())
	}
	require.Error(t, annotations.Entry("/private/Comment").Validate(), "upper case")
}

func TestParseSpecifier(t *testing.T) {
	for _, name := range []string{"/private", "/Shared", "/shared/vendor", "/private/vendor/vendor.lemonade"} {
		_, err := annotations.ParseSpecifier(name)
		require.NoError(t, err, name)
	}
	for _, name := range []string{"", "/", "/other", "/private/", "/private/*", "/private//a"} {
		_, err := annotations.ParseSpecifier(name)
		require.Error(t, err, name)
	}
}

// Every octet, as section 3.2 and the comment of ParseEntry say.
func TestEntryOctets(t *testing.T) {
	for c := range 256 {
		_, err := annotations.ParseEntry("/private/a" + string([]byte{byte(c)}) + "b")
		refused := c < 0x20 || c >= 0x7f || c == '*' || c == '%'
		require.Equal(t, refused, err != nil, "%#x", c)
	}
}

// RFC 5464, section 4.2.2, with its example of "/a", "/a/b" and "/a/b/c".
func TestWithin(t *testing.T) {
	for _, tt := range []struct {
		entry               annotations.Entry
		zero, one, infinity bool
	}{
		{"/private/a", true, true, true},
		{"/private/a/b", false, true, true},
		{"/private/a/b/c", false, false, true},
		{"/private/ab", false, false, false},
		{"/private", false, false, false},
		{"/shared/a", false, false, false},
	} {
		require.Equal(t, tt.zero, tt.entry.Within("/private/a", annotations.DepthZero), tt.entry)
		require.Equal(t, tt.one, tt.entry.Within("/private/a", annotations.DepthOne), tt.entry)
		require.Equal(t, tt.infinity, tt.entry.Within("/private/a", annotations.DepthInfinity), tt.entry)
	}
}

func TestScopeAndDepth(t *testing.T) {
	require.Equal(t, annotations.ScopePrivate, annotations.Entry("/private/a").Scope())
	require.Equal(t, annotations.ScopeShared, annotations.Entry("/shared/a").Scope())
	require.Empty(t, annotations.Entry("/sharedx/a").Scope())
	require.Empty(t, annotations.Entry("").Scope())
	require.Equal(t, "infinity", annotations.DepthInfinity.String())
	require.Equal(t, "0", annotations.Depth(0).String())
	require.Equal(t, "Depth(7)", annotations.Depth(7).String())
}

func FuzzEntry(f *testing.F) {
	for _, s := range []string{"/private/comment", "/Shared/vendor/a/b", "/private", "/private//", "/shared/vendor/x", "/private/\u212a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		e, err := annotations.ParseEntry(name)
		if err != nil {
			var bad *annotations.EntryError
			require.ErrorAs(t, err, &bad)
			require.True(t, 0 <= bad.Offset && bad.Offset <= len(name))
			require.NotContains(t, bad.Error(), "\n")
			return
		}
		require.NoError(t, e.Validate())
		require.True(t, strings.EqualFold(name, string(e)))
		again, err := annotations.ParseEntry(string(e))
		require.NoError(t, err)
		require.Equal(t, e, again)
		require.NotEmpty(t, e.Scope())
		require.True(t, e.Within(annotations.Entry(e.Scope()), annotations.DepthInfinity))
		if item, n, ok := annotations.ItemOf(e); ok {
			spelled, _, _ := item.Name(n)
			require.Equal(t, string(e), spelled)
		}
	})
}

func ExampleParseEntry() {
	e, err := annotations.ParseEntry("/Private/Comment")
	fmt.Println(e, e.Scope(), err)
	_, err = annotations.ParseEntry("/private/notify/*")
	fmt.Println(err)
	// Output:
	// /private/comment /private <nil>
	// annotations: expected no "*" or "%" at octet 16 of entry name "/private/notify/*" (RFC 5464, section 3.2)
}
