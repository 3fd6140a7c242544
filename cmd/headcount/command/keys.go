// Copyright The Headcount Authors
// SPDX-License-Identifier: Apache-2.0

package command

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/headcount-otel/headcount/oblivious"
)

// mechanisms are the key encapsulation mechanisms by the names that --kem takes.
var mechanisms = map[string]uint16{"x25519": oblivious.X25519, "p-256": oblivious.P256, "x-wing": oblivious.XWing}

// newKeys is the command with which makers make a key for reports that come through a relay.
func newKeys() *cobra.Command {
	var (
		id   uint8
		kem  string
		file string
	)
	command := &cobra.Command{
		Use:   "keys --id NUMBER --out FILE",
		Short: "Makes the makers' key for reports through a relay (Oblivious HTTP)",
		Long: "Makes a private key in FILE, for key_files of the collect receiver, and prints its public part,\n" +
			"for keys of the exporter's oblivious. Each key that is in use has another number.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			mechanism, known := mechanisms[kem]
			switch {
			case !known:
				return fmt.Errorf("--kem: %q is not known: write x25519, p-256 or x-wing", kem)
			case file == "":
				return errors.New("--out: missing: write the file for the private key, such as /etc/headcount/oblivious-1.pem")
			}
			key, err := oblivious.GenerateKey(id, mechanism)
			if err != nil {
				return err
			}
			if err := writeKey(file, key); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "keys:", oblivious.KeysText(&key.PublicKey))
			return nil
		},
	}
	command.Flags().Uint8Var(&id, "id", 1, "the key's `number`, 0 to 255")
	command.Flags().StringVar(&kem, "kem", "x25519", "`mechanism`: x25519, p-256, or x-wing, which also holds against a quantum computer")
	command.Flags().StringVar(&file, "out", "", "`file` for the private key; one that is there is never written over")
	return command
}

// writeKey keeps a private key for its owner alone, and never writes over another.
func writeKey(file string, key *oblivious.PrivateKey) error {
	text, err := key.MarshalText()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	_, err = out.Write(text)
	return errors.Join(err, out.Close())
}
