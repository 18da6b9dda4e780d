package annotations_test

import (
	"errors"
	"fmt"

	"github.com/golemonade/lemonade/annotations"
)

func ExampleParseChannel() {
	c, err := annotations.ParseChannel("mms=extended")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Mechanism, c.Format)
	fmt.Println(c)
	// Output:
	// MMS EXTENDED
	// MMS=EXTENDED
}

func ExampleChannel_AppendText() {
	c := annotations.Channel{Mechanism: annotations.MechanismSMS, Format: annotations.FormatWakeup}
	b, err := c.AppendText([]byte("channel: "))
	fmt.Println(string(b), err)

	_, err = annotations.Channel{Mechanism: annotations.MechanismSMS}.AppendText(nil)
	fmt.Println(err != nil)
	// Output:
	// channel: SMS=WAKEUP <nil>
	// true
}

func ExampleValidateAddress() {
	fmt.Println(annotations.ValidateAddress(annotations.MechanismUDP, "[2001:db8::7]:143"))
	fmt.Println(annotations.ValidateAddress(annotations.MechanismSMS, "+1-201"))
	// Output:
	// <nil>
	// annotations: expected DIGIT at octet 2 of "+1-201" (ITU-T E.164, section 6)
}

func ExamplePreferences_Validate() {
	p := annotations.Preferences{
		Channel: annotations.Channel{Mechanism: annotations.MechanismXMPP, Format: annotations.FormatExtended},
		Address: "alice@example.com/",
		Filter:  annotations.EventFilterNew,
	}
	var e *annotations.ValueError
	if errors.As(p.Validate(), &e) {
		fmt.Println(e.Field, e.Offset, e.Want)
	}
	p.Address = "alice@example.com/phone"
	fmt.Println(p.Validate())
	// Output:
	// Address 18 resourcepart of 1 to 1023 octets
	// <nil>
}

func ExampleParseEventFilter() {
	f, err := annotations.ParseEventFilter("new")
	fmt.Println(f, err)
	// Output: NEW <nil>
}
