package api

// PasskeyDescriptor names a passkey (Web Authentication, PublicKeyCredentialDescriptorJSON).
type PasskeyDescriptor struct {
	Type       string   `json:"type" enum:"public-key"`
	ID         string   `json:"id" doc:"base64url"`
	Transports []string `json:"transports,omitempty"`
}

// PasskeyRequest asks for a signature of a passkey: PublicKeyCredentialRequestOptionsJSON
// of Web Authentication, which parseRequestOptionsFromJSON of a browser reads.
type PasskeyRequest struct {
	Challenge        string              `json:"challenge" doc:"base64url"`
	RPID             string              `json:"rpId"`
	Timeout          int                 `json:"timeout,omitempty" doc:"Milliseconds"`
	AllowCredentials []PasskeyDescriptor `json:"allowCredentials,omitempty" doc:"Absent where the device finds the passkey by itself"`
	UserVerification string              `json:"userVerification" enum:"required"`
}

// PasskeyCreation asks for a new passkey: PublicKeyCredentialCreationOptionsJSON
// of Web Authentication, which parseCreationOptionsFromJSON of a browser reads.
type PasskeyCreation struct {
	RP struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          string `json:"id" doc:"base64url"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName"`
	} `json:"user"`
	Challenge string `json:"challenge" doc:"base64url"`
	Params    []struct {
		Type string `json:"type" enum:"public-key"`
		Alg  int    `json:"alg" doc:"COSE"`
	} `json:"pubKeyCredParams"`
	Timeout                int                 `json:"timeout,omitempty" doc:"Milliseconds"`
	ExcludeCredentials     []PasskeyDescriptor `json:"excludeCredentials,omitempty" doc:"Those that are bound already"`
	AuthenticatorSelection struct {
		ResidentKey        string `json:"residentKey" enum:"required"`
		RequireResidentKey bool   `json:"requireResidentKey"`
		UserVerification   string `json:"userVerification" enum:"required"`
	} `json:"authenticatorSelection"`
	Attestation string `json:"attestation,omitempty"`
}

// Credential is what a browser's toJSON says of every PublicKeyCredential.
// Browsers may say more in later versions of the standard: that is let through,
// and not read.
type Credential struct {
	_          struct{}       `additionalProperties:"true"`
	ID         string         `json:"id" maxLength:"2048" doc:"base64url"`
	RawID      string         `json:"rawId" maxLength:"2048" doc:"The same"`
	Type       string         `json:"type" enum:"public-key"`
	Attachment string         `json:"authenticatorAttachment,omitempty" maxLength:"40"`
	Extensions map[string]any `json:"clientExtensionResults,omitempty" doc:"Not read"`
}

// SignedCredential is what navigator.credentials.get gave (AuthenticationResponseJSON).
type SignedCredential struct {
	_ struct{} `additionalProperties:"true"`
	Credential
	Response struct {
		_             struct{} `additionalProperties:"true"`
		Client        string   `json:"clientDataJSON" maxLength:"65536" doc:"base64url"`
		Authenticator string   `json:"authenticatorData" maxLength:"65536" doc:"base64url"`
		Signature     string   `json:"signature" maxLength:"65536" doc:"base64url"`
		User          string   `json:"userHandle,omitempty" maxLength:"2048" doc:"base64url; needed to sign in without a password"`
	} `json:"response"`
}

// MadeCredential is what navigator.credentials.create gave (RegistrationResponseJSON).
type MadeCredential struct {
	_ struct{} `additionalProperties:"true"`
	Credential
	Response struct {
		_          struct{} `additionalProperties:"true"`
		Client     string   `json:"clientDataJSON" maxLength:"65536" doc:"base64url"`
		Object     string   `json:"attestationObject" maxLength:"262144" doc:"base64url"`
		Transports []string `json:"transports,omitempty" maxItems:"20"`
	} `json:"response"`
}
