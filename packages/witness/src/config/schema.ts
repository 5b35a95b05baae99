/**
 * The configuration of `witness`: every setting once, with its form, its default and what it means.
 *
 * Paths are relative to the file.
 */
import {
  HEALTH_DOCUMENTATION,
  HEALTH_EXAMPLE,
  healthSetting,
  NO_HEALTH,
  optional,
  path,
  required,
  type SettingTable,
  type SettingValues,
  WEB_LISTEN_DOCUMENTATION,
  WEB_LISTEN_EXAMPLE,
  webListenSetting,
} from '@natsuin/protocol/node'
import { list, record, text } from '@natsuin/protocol/shape'

const urlWithoutScheme = text({ max: 255, pattern: /^[^\s+]+$/ })

export const settings = {
  name: required(urlWithoutScheme, 'Name of the witness in its cosignatures: a URL without a scheme.'),
  publicUrl: required(
    text({ max: 300, pattern: /^https?:\/\/[^/?#\s]+$/ }),
    'Scheme, host and port under which logs reach the witness.',
  ),
  listen: required(webListenSetting, WEB_LISTEN_DOCUMENTATION, WEB_LISTEN_EXAMPLE),
  health: optional(NO_HEALTH, healthSetting, HEALTH_DOCUMENTATION, HEALTH_EXAMPLE),
  keyFile: required(path, 'The key that cosigns: Ed25519, PKCS #8 in PEM. `init` makes it.'),
  directory: required(
    path,
    'Where the newest cosigned checkpoint of each log is kept. Whoever puts an older one back makes the witness forget; keep it away from the logs.',
  ),
  logs: required(
    list(record({ keyFile: path, origins: list(urlWithoutScheme, { min: 1, max: 1000 }) }), {
      min: 1,
      max: 1000,
    }),
    'The logs that are cosigned: a file with the public key of a deployment (the SAM key, base64url), and the origins of its logs. Those of a new SAM are added here.',
    [
      {
        keyFile: 'sam-key.txt',
        origins: ['natsuin.example/log/state', 'natsuin.example/log/activity/sam-1'],
      },
    ],
  ),
} as const satisfies SettingTable

export type Configuration = SettingValues<typeof settings>
