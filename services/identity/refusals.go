package identity

import "inzage/services/fault"

// The refusals of this package. Sign-in gives one answer for an unknown
// address, a wrong password and a locked account.
var (
	ErrSignedOut = fault.New(fault.Unauthenticated, "You are not signed in, or your session has ended. Please sign in again.")
	ErrSignIn    = fault.New(fault.Unauthenticated, "This e-mail address and password do not go together, or sign-in is paused for 15 minutes after too many attempts. Check both, or choose a new password.")
	ErrFactor    = fault.New(fault.Unauthenticated, "This code is not right, or it was used before. Wait for the next code and try again. After 10 wrong codes the authenticator is switched off.")
	ErrPasskey   = fault.New(fault.Unauthenticated, "This passkey could not be checked. Please try again, or use another way to sign in.")
	ErrStepUp    = fault.New(fault.StepUp, "Please confirm with your second factor that it is you. This is needed when the last time was more than five minutes ago.")
	ErrForbidden = fault.New(fault.Forbidden, "You may not do this. Ask an administrator of your organisation.")
	ErrNotFound  = fault.New(fault.NotFound, "This was not found. It may have been removed, or it is not yours to see.")
	ErrNoFactor  = fault.New(fault.Conflict, "No authenticator app is set up for this account. Use a passkey, or ask an administrator for a new enrolment link.")
	ErrEnrol     = fault.New(fault.Forbidden, "A new factor can be set up here only with an invitation or an enrolment link. Ask an administrator for one.")
	ErrProveMore = fault.New(fault.Forbidden, "Please give your password first, then the code of your authenticator app.")
	ErrCeremony  = fault.New(fault.Gone, "This took too long, or was done before. Please start again.")
	ErrCode      = fault.New(fault.Invalid, "This code is not right or no longer valid. Check the latest e-mail, or ask for a new code.")
	ErrLink      = fault.New(fault.Gone, "This link has expired or was used before. Please ask for a new one.")
	ErrBusy      = fault.New(fault.TooMany, "Many people are signing in at this moment. Please try again in a few seconds.")
	ErrTooMany   = fault.New(fault.TooMany, "Too many attempts. Please wait a while and try again.")
	ErrTaken     = fault.New(fault.Conflict, "There is already an account with this e-mail address. Sign in with it instead.")
	ErrSelf      = fault.New(fault.Conflict, "You cannot do this to your own account. Ask another administrator.")
	ErrNoPasskey = fault.New(fault.Conflict, "Passkeys do not work at this address of the portal, because it has no domain name. Use an authenticator app.")
	ErrLast      = fault.New(fault.Conflict, "This is your only way to prove that it is you. Set up another one first.")
	ErrPassword  = fault.New(fault.Invalid, "Please choose another password.")
)
