/**
 * Messages of the public API: CSC API v2.0.0.2, clauses 8.4 and 11. Wire names unaltered.
 *
 * Types only: the server checks each member in the words of the standard's own error tables.
 */

/** CSC API v2.0.0.2, 10.1: every error answer. */
export interface CscErrorBody {
  readonly error: string
  readonly error_description?: string
}

/** 11.1 info. */
export interface InfoResponse {
  readonly specs: string
  readonly name: string
  readonly logo: string
  readonly region: string
  readonly lang: string
  readonly description: string
  readonly authType: readonly string[]
  readonly oauth2?: string
  readonly asynchronousOperationMode: boolean
  readonly methods: readonly string[]
  readonly validationInfo: boolean
  readonly signAlgorithms: {
    readonly algos: readonly string[]
    readonly algoParams?: readonly (string | null)[]
  }
  readonly signature_formats: {
    readonly formats: readonly string[]
    readonly envelope_properties?: readonly (readonly string[])[]
  }
  readonly conformance_levels: readonly string[]
}

/** 11.4 credentials/list. */
export interface CredentialsListRequest {
  readonly userID?: string
  readonly credentialInfo?: boolean
  readonly certificates?: 'none' | 'single' | 'chain'
  readonly certInfo?: boolean
  readonly authInfo?: boolean
  readonly onlyValid?: boolean
  readonly lang?: string
  readonly clientData?: string
}

export interface CredentialsListResponse {
  readonly credentialIDs: readonly string[]
  readonly credentialInfos?: readonly CredentialInfo[]
  readonly onlyValid?: boolean
}

/** 11.5 credentials/info; in a list each also carries its `credentialID`. */
export interface CredentialInfo {
  readonly credentialID?: string
  readonly description?: string
  readonly signatureQualifier?: string
  readonly key: {
    readonly status: 'enabled' | 'disabled'
    readonly algo: readonly string[]
    readonly len: number
    readonly curve?: string
  }
  readonly cert: {
    readonly status?: 'valid' | 'expired' | 'revoked' | 'suspended'
    /** Base64 DER, end entity first. */
    readonly certificates?: readonly string[]
    readonly issuerDN?: string
    readonly serialNumber?: string
    readonly subjectDN?: string
    /** GeneralizedTime, YYYYMMDDHHMMSSZ. */
    readonly validFrom?: string
    readonly validTo?: string
  }
  readonly auth: {
    readonly mode: 'explicit' | 'oauth2code'
    /** Which of the objects are needed together. */
    readonly expression?: string
    readonly objects?: readonly AuthenticationObject[]
  }
  readonly SCAL: '1' | '2'
  readonly multisign: number
  readonly lang?: string
}

/** 11.5: what `credentials/authorize` wants to be given. */
export interface AuthenticationObject {
  readonly type: 'Password'
  readonly id: string
  readonly format?: 'A' | 'N'
  readonly label?: string
  readonly generator?: string
}

/** 11.6 credentials/authorize and 11.9 credentials/extendTransaction. */
export interface AuthorizeResponse {
  readonly SAD: string
  /** Seconds. */
  readonly expiresIn: number
}

/** 11.10 signatures/signHash. */
export interface SignHashRequest {
  readonly credentialID: string
  readonly SAD?: string
  /** Base64 of raw digests. */
  readonly hashes: readonly string[]
  readonly hashAlgorithmOID?: string
  readonly signAlgo: string
  readonly signAlgoParams?: string
  readonly clientData?: string
}

export interface SignHashResponse {
  /** Base64, in the order of the hashes. ECDSA values are DER ECDSA-Sig-Value. */
  readonly signatures: readonly string[]
}

/**
 * 8.4.4 authorization_details of type `credential` (RFC 9396).
 *
 * `dtbs` and `documentDigest` are ours: the preimage of `hash` and the digest of the prepared document, so that
 * the approval page can check what it shows (sole-control 4). Other servers ignore them.
 */
export interface AuthorizationDetail {
  readonly type: 'credential'
  readonly credentialID: string
  readonly numSignatures?: number
  readonly documentDigests: readonly DocumentDigest[]
  readonly hashAlgorithmOID: string
  /** Ours: where the signer's browser can fetch the documents. Only in a signed request (RFC 9101). */
  readonly documentLocations?: readonly {
    readonly uri: string
    readonly method?: { readonly type: 'public' }
  }[]
}

export interface DocumentDigest {
  /** Base64 of the DTBS/R. */
  readonly hash: string
  readonly label?: string
  readonly hashType?: 'dtbsr'
  /** Base64 of the DER signed attributes whose digest is `hash`. */
  readonly dtbs?: string
  /** Base64 of the digest of the prepared document. */
  readonly documentDigest?: string
}
