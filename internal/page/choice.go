// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// consentSection is the switch, and why not each of its positions can be chosen.
func (v *view) consentSection() g.Node {
	return section("consent", "Your choice",
		h.Form(h.Method("post"), h.Action("/switch"),
			g.If(v.Token != "", h.Input(h.Type("hidden"), h.Name("token"), h.Value(v.Token))),
			h.Div(h.Class("switch"), h.Role("group"), h.Aria("labelledby", "consent"), g.Map(v.Choices, choiceView.button)),
		),
		v.choiceNotes(),
		h.Dl(h.Class("facts"),
			v.quoted(),
			fact("Turning it off", g.Text("also discards what waits to be sent, and the id if it was made here")),
		),
	)
}

func (c choiceView) button() g.Node {
	pressed := "false"
	if c.Held {
		pressed = "true"
	}
	meaning := g.Group{g.Text(c.Meaning)}
	if c.Why != "" {
		meaning = append(meaning, g.Text(" "), h.Em(g.Text(c.Why)))
	}
	return h.Button(h.Name("mode"), h.ID("choose-"+c.Mode), h.Value(c.Mode), h.Aria("pressed", pressed),
		h.Aria("describedby", "means-"+c.Mode), g.If(c.Why != "", h.Disabled()),
		h.Span(h.Class("name"), g.Text(c.Mode)), h.Span(h.Class("means"), h.ID("means-"+c.Mode), meaning))
}

func (v *view) choiceNotes() g.Node {
	var notes g.Group
	switch {
	case v.Expired:
		notes = append(notes, note("This address belongs to an earlier start of the program. The newest start-up log has the one that opens the switch and the values."))
	case !v.Trusted:
		notes = append(notes, note("The switch and every value, read or sent, open with the address in the program’s start-up log. Everybody on this machine can see what is shown here."))
	}
	switch v.Configured {
	case "off":
		notes = append(notes, note("The choice is made elsewhere: "+v.ConfiguredBy+" says off, and the strictest signal wins. What was sent earlier is kept, and shown again when that changes."))
	case "on":
	default:
		notes = append(notes, note("More than “"+v.Configured+"” needs a change of the configuration: "+v.ConfiguredBy+" says "+v.Configured+", and the strictest signal wins."))
	}
	if !v.Persistent {
		notes = append(notes, note("No storage is configured: this choice and the history end with the program."))
	}
	if v.Switch != nil && v.Switch.Undiscarded {
		notes = append(notes, note("Not everything that waited could be discarded; it is tried again at the next start."))
	}
	return notes
}

// quoted are the ids that whoever asks for erasure has to name: the newest three.
func (v *view) quoted() g.Node {
	const what = "To have your reports erased, quote"
	switch {
	case len(v.InstanceIDs) > 0:
		ids := v.InstanceIDs[:min(len(v.InstanceIDs), 3)]
		return fact(what, g.Map(ids, func(id string) g.Node { return g.Group{code(id), g.Text(" ")} }))
	case !v.Trusted && v.Ledger.Entries > 0:
		return fact(what, g.Text("the id that this page shows by the address in the start-up log"))
	default:
		return nil
	}
}
