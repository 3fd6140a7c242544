// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package consent

import (
	"go.uber.org/zap"

	"github.com/headcount-otel/headcount/trust"
)

// Announce says plainly which mode holds, who said so, of which components it holds,
// and where the page is; page is empty where there is none.
func (h *Holder) Announce(page string) {
	inService, beside := h.inPipelines()
	mode, who := h.Mode()
	asking, leftOut := h.Members()
	silent := h.Silent(inService)
	meaning := mode.Meaning()
	if mode < trust.On && len(leftOut)+len(silent) > 0 {
		meaning += " by the components that ask for consent here"
	}
	said := []zap.Field{zap.Stringer("mode", mode), zap.String("said_by", who)}
	if page != "" {
		said = append(said, zap.String("page", page))
	}
	h.logger.Info(meaning, said...)
	h.logger.Info("These components ask for consent here", zap.Strings("components", asking))
	if len(silent) > 0 {
		h.logger.Error("These components of the pipelines never said whether they ask for consent: what is said of the mode is not said of them", zap.Strings("components", silent))
	}
	if len(leftOut) > 0 {
		h.logger.Warn("These components do not ask for consent here: what is said of the mode is not said of them", zap.Strings("components", leftOut))
	}
	if others := h.Silent(beside); len(others) > 0 {
		h.logger.Info("These components of the same pipelines are not Headcount's, and do as they always do in each mode", zap.Strings("components", others))
		if listening := Receivers(others); mode == trust.Off && len(listening) > 0 {
			h.logger.Warn("These receivers are not Headcount's, and do not ask: where they listen, they go on listening while usage statistics are off", zap.Strings("components", listening))
		}
	}
}
