// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package trust

// OneShot is a Consent of a program that does one thing and ends, such as cron's: what
// its components log is mailed each time.
type OneShot interface {
	Consent
	// Concludes reports whether the program's last line says what became of each stat,
	// so that no component has to.
	Concludes() bool
	// News reports whether a component's warning about a subject is one that no earlier
	// run has given in the same words. Empty words say that there is nothing to warn of.
	News(subject, words string) bool
}

// Concludes reports whether what became of each stat is said at the program's end.
func Concludes(consent Consent) bool {
	run, ok := consent.(OneShot)
	return ok && run.Concludes()
}

// News reports whether a warning is to be given: in a program that goes on always.
func News(consent Consent, subject, words string) bool {
	run, ok := consent.(OneShot)
	return !ok || run.News(subject, words)
}

// Concludes implements OneShot.
func (c consents) Concludes() bool {
	for _, consent := range c {
		if Concludes(consent) {
			return true
		}
	}
	return false
}

// News implements OneShot.
func (c consents) News(subject, words string) bool {
	news := true
	for _, consent := range c {
		news = News(consent, subject, words) && news // each remembers it
	}
	return news
}
