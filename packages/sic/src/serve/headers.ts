/**
 * The headers that make the approval origin what the SAM relies on: no script but the bundle's, no connection
 * but to `server`, no embedding by anyone (sole-control 2).
 *
 * Content Security Policy Level 3; Permissions Policy; Trusted Types.
 */
import { PROVIDER_CALLBACK } from '@natsuin/protocol/approval'
import { transportSecurity } from '@natsuin/protocol/node'
import type { Config } from '../config.ts'

type Headers = Readonly<Record<string, string>>

const ALL: Headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
}

/** The page: passkeys, and the one connection. Its opener hands documents over, hence no opener policy. */
function pageHeaders({ deployment }: Config): Headers {
  return {
    'content-security-policy': policy({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' blob: data:",
      'connect-src': `'self' ${deployment.serverOrigin}`,
      'frame-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    }),
    'permissions-policy': permissions('publickey-credentials-get', 'publickey-credentials-create'),
    'x-frame-options': 'DENY',
  }
}

/**
 * The frame that shows a document. Even opened by itself it has no origin (`sandbox`) and no network but the
 * bundle's own scripts and fonts, and nobody but the page may embed it. `'self'` would be its opaque origin in
 * some browsers, so the origin is spelled out.
 */
function viewerHeaders({ origin }: Config): Headers {
  return {
    'content-security-policy': policy({
      'default-src': "'none'",
      'script-src': origin,
      'style-src': origin,
      'img-src': 'blob: data:',
      // pdf.js names its substitutes for fonts that a document lacks by URL.
      'font-src': `${origin}/pdfjs/standard_fonts/ blob: data:`,
      'connect-src': "'none'",
      'frame-ancestors': origin,
      'base-uri': "'none'",
      'form-action': "'none'",
      sandbox: 'allow-scripts',
    }),
    'permissions-policy': permissions(),
    'x-frame-options': 'SAMEORIGIN',
  }
}

/**
 * The frame that fetches documents: it alone may connect to other places, and so it has no origin, no secrets and no
 * way to show anything. Addresses without TLS exist on this machine alone, when the page itself is served there.
 */
function fetcherHeaders({ origin }: Config): Headers {
  const local = origin.startsWith('http:') ? ' http://localhost:* http://*.localhost:*' : ''
  return {
    'content-security-policy': policy({
      'default-src': "'none'",
      'script-src': origin,
      'connect-src': `https:${local}`,
      'frame-ancestors': origin,
      'base-uri': "'none'",
      'form-action': "'none'",
      sandbox: 'allow-scripts',
    }),
    'permissions-policy': permissions(),
    'x-frame-options': 'SAMEORIGIN',
  }
}

/** Where an identity provider sends its window back to: the bundle's own script, and no connection to anywhere. */
function callbackHeaders(): Headers {
  return {
    'content-security-policy': policy({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self' data:",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
      'form-action': "'none'",
    }),
    'permissions-policy': permissions(),
    'x-frame-options': 'DENY',
  }
}

/** A frame without an origin loads its scripts and styles as any other site would; they are public. */
const SCRIPT_HEADERS: Headers = {
  'access-control-allow-origin': '*',
  'content-security-policy': policy({ 'default-src': "'none'" }),
}

const PAGES: Readonly<Record<string, (config: Config) => Headers>> = {
  '/': pageHeaders,
  '/viewer.html': viewerHeaders,
  '/fetcher.html': fetcherHeaders,
  [PROVIDER_CALLBACK]: callbackHeaders,
}

/** Names in `assets/` hold a digest of the content; everything else is asked for again. */
function caching(path: string): Headers {
  if (path.startsWith('/assets/')) return { 'cache-control': 'public, max-age=31536000, immutable' }
  if (path.startsWith('/pdfjs/')) return { 'cache-control': 'public, max-age=86400' }
  return { 'cache-control': 'no-store' }
}

/** @param path a path of the file table */
export function headersFor(path: string, config: Config): Headers {
  const own = PAGES[path]?.(config) ?? SCRIPT_HEADERS
  return { ...ALL, ...transportSecurity(config.origin), ...own, ...caching(path) }
}

function policy(directives: Readonly<Record<string, string>>): string {
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')
}

/** Everything off that a page could be tricked into using, except what is named. */
function permissions(...allowed: readonly string[]): string {
  const off = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb', 'serial', 'hid']
  const passkeys = ['publickey-credentials-get', 'publickey-credentials-create']
  return [...off, ...passkeys].map(name => `${name}=${allowed.includes(name) ? '(self)' : '()'}`).join(', ')
}
