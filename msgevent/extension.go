package msgevent

// MaxExtensions is the most extensions an event has in JSON. Cyrus knows about
// 60 names; the limit keeps short the search for duplicates, which compares
// each with each.
const MaxExtensions = 256

// appendExtensions appends the extensions and checks them.
func (e *Event) appendExtensions(b []byte) ([]byte, error) {
	if len(e.Extensions) > MaxExtensions {
		return b, encodeError(e.Extensions[MaxExtensions].Name, wantFewer)
	}
	for i := range e.Extensions {
		x := &e.Extensions[i]
		switch {
		case !validName(x.Name):
			return b, encodeError(x.Name, wantName)
		case findParameter(x.Name) >= 0:
			return b, encodeError(x.Name, "an extension that is not named like a parameter")
		case hasExtension(e.Extensions[:i], x.Name):
			return b, encodeError(x.Name, wantUnique)
		}
		s := scanner{data: x.Value}
		s.space()
		want := s.value(1)
		s.space()
		if want != "" || s.pos != len(s.data) {
			return b, encodeError(x.Name, "one JSON value")
		}
		b = appendName(b, x.Name)
		b = appendCompact(b, x.Value)
	}
	return b, nil
}

func hasExtension(list []Extension, name string) bool {
	for i := range list {
		if list[i].Name == name {
			return true
		}
	}
	return false
}
