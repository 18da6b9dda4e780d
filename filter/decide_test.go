package filter_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golemonade/lemonade/annotations"
	"github.com/golemonade/lemonade/filter"
	"github.com/golemonade/lemonade/msgevent"
)

const address = "127.0.0.1:2948"

// TestDecide goes through every combination of event, filter, channel and
// presence, and looks each up in the table.
func TestDecide(t *testing.T) {
	rows := readTable(t)
	filters := map[string]annotations.EventFilter{
		"ALL": annotations.EventFilterAll, "NEW": annotations.EventFilterNew,
		"NONE": annotations.EventFilterNone, "-": "",
	}
	udp := annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup}
	channels := map[string]annotations.Preferences{
		"UDP":  {Channel: udp, Address: address},
		"NONE": {Channel: annotations.Channel{Mechanism: annotations.MechanismNone}},
		"-":    {},
		"bad":  {Channel: udp, Address: "nowhere"},
	}
	types := []msgevent.Type{"vnd.example.Whatever"}
	for typ := range msgevent.Types() {
		types = append(types, typ)
	}
	used := make(map[int]bool)
	for _, typ := range types {
		for filterName, eventFilter := range filters {
			for channelName, p := range channels {
				for _, connected := range []bool{true, false} {
					p.Filter = eventFilter
					device := "away"
					if connected {
						device = "connected"
					}
					input := []string{string(typ), filterName, channelName, device}
					row := lookup(rows, input)
					require.GreaterOrEqual(t, row, 0, "no row for %v", input)
					used[row] = true

					d := filter.Decide(&msgevent.Event{Type: typ}, p, filter.State{Connected: connected})
					outband := "no"
					if d.Outband {
						outband = "yes"
						require.Equal(t, p.Channel, d.Channel)
						require.Equal(t, address, d.Address)
					} else {
						require.Zero(t, d.Channel)
						require.Zero(t, d.Address)
					}
					require.Equal(t, rows[row][5:], []string{d.Class.String(), outband, string(d.Reason)}, "%v", input)
					require.Equal(t, d.Reason == filter.ReasonPreferences, d.Err != nil, "%v", input)
				}
			}
		}
	}
	require.Len(t, used, len(rows), "a row of the table is never used")
}

func readTable(t *testing.T) [][]string {
	table, err := os.ReadFile("testdata/decide.txt")
	require.NoError(t, err)
	var rows [][]string
	for line := range strings.Lines(string(table)) {
		if !strings.HasPrefix(line, "#") {
			row := strings.Fields(line)
			require.Len(t, row, 8, line)
			rows = append(rows, row)
		}
	}
	return rows
}

func lookup(rows [][]string, input []string) int {
next:
	for i, row := range rows {
		for j, v := range input {
			if row[j] != "*" && row[j] != v {
				continue next
			}
		}
		return i
	}
	return -1
}

// Every reason says something of its own.
func TestReasonString(t *testing.T) {
	seen := make(map[string]bool)
	for _, r := range []filter.Reason{
		filter.ReasonAccess, filter.ReasonFilterNone, filter.ReasonFilterNew, filter.ReasonChannelNone,
		filter.ReasonPreferences, filter.ReasonConnected, filter.ReasonNotify, "another",
	} {
		require.False(t, seen[r.String()], r)
		seen[r.String()] = true
	}
	require.Equal(t, `reason "another"`, filter.Reason("another").String())
}

func TestClassString(t *testing.T) {
	require.Equal(t, "A", filter.ClassHidden.String())
	require.Equal(t, "Class(0)", filter.Class(0).String())
}

func BenchmarkDecide(b *testing.B) {
	e := &msgevent.Event{Type: msgevent.TypeMessageNew}
	p := annotations.Preferences{
		Channel: annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup},
		Address: address,
		Filter:  annotations.EventFilterNew,
	}
	b.ReportAllocs()
	for b.Loop() {
		if d := filter.Decide(e, p, filter.State{}); !d.Outband {
			b.Fatal(d.Reason)
		}
	}
}

func ExampleDecide() {
	e := &msgevent.Event{Type: msgevent.TypeMessageNew}
	p := annotations.Preferences{
		Channel: annotations.Channel{Mechanism: annotations.MechanismUDP, Format: annotations.FormatWakeup},
		Address: "127.0.0.1:2948",
		Filter:  annotations.EventFilterNew,
	}
	for _, s := range []filter.State{{}, {Connected: true}} {
		d := filter.Decide(e, p, s)
		fmt.Println(d.Outband, d.Class, d.Reason)
	}
	// Output:
	// true C its filter takes it and it is not connected
	// false C it is connected and hears of it inband
}
