/** info: CSC API v1.0.4.0 and v2.0.0.2, 11.1; TS 119 432 V1.3.1, 7.2 for `oauth2FAPIsupport`. */
import { base64, label, language, oid } from './common.ts'
import { flag, from, list, object, oneOf, onlyV2, optional, orNull, required, text } from './form.ts'

export const infoRequest = object({ lang: optional(language), clientData: optional(text()) })

const address = text({ format: 'uri' })

export const infoResponse = object({
  specs: required(text({ pattern: /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/ })),
  name: required(label),
  logo: required(address),
  region: required(text({ pattern: /^[A-Z]{2}$/ })),
  lang: required(language),
  description: required(label),
  authType: required(
    list(oneOf('external', 'TLS', 'basic', 'digest', 'oauth2code', 'oauth2client'), { min: 1 }),
  ),
  oauth2: optional(address),
  supportsRar: from('2.1.0.1', optional(flag)),
  supportedHashTypes: from('2.1.0.1', optional(list(oneOf('dtbsr', 'sdr', 'sodr')))),
  oauth2FAPIsupport: from('2.1.0.1', optional(flag)),
  asynchronousOperationMode: onlyV2(optional(flag)),
  methods: required(list(text())),
  validationInfo: onlyV2(optional(flag)),
  signAlgorithms: onlyV2(
    required(
      object({
        algos: required(list(oid, { min: 1 })),
        /** In the place of the algorithm that they belong to. */
        algoParams: optional(list(orNull(base64))),
      }),
    ),
  ),
  signature_formats: onlyV2(
    required(
      object({
        formats: required(list(oneOf('C', 'X', 'P', 'J'))),
        /** In the place of the format that they belong to. */
        envelope_properties: optional(list(list(text()))),
        allowMix: from('2.1.0.1', optional(flag)),
      }),
    ),
  ),
  conformance_levels: onlyV2(required(list(text({ pattern: /^AdES-(B-)?(B|T|LT|LTA)$/ })))),
})
