package main

import "context"

func runDeadline(_ context.Context, in invocation) error {
	fs := flags("deadline", in, "inzage deadline request|hours|days|audit")
	if _, err := parse(fs, in.Args); err != nil {
		return err
	}
	return usage("Say which term to count: request, hours, days or audit.")
}
