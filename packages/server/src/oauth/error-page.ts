/**
 * What a browser shows when an authorization request cannot even be answered by a redirect: unknown client,
 * wrong redirect URI, a request that is too old, a database that is away (RFC 6749, 4.1.2.1). Programs get JSON.
 */
import { Refusal } from '@natsuin/protocol/refusal'
import type { ErrorOut, KoaContextWithOIDC } from 'oidc-provider'
import { wordsFor } from './errors.ts'

/** @param reason what was thrown; storage refuses within the provider's own steps, which only know faults */
export function renderError(context: KoaContextWithOIDC, out: ErrorOut, reason: Error): void {
  if (reason instanceof Refusal) context.status = 503
  const { error, description } =
    reason instanceof Refusal
      ? wordsFor(reason.code)
      : { error: out.error, description: out.error_description ?? '' }
  if (context.accepts('json', 'html') !== 'html') {
    context.body = { error, error_description: description }
    return
  }
  context.type = 'html'
  context.body = errorPage({ error, description })
}

export function errorPage({ error, description }: Readonly<Record<'error' | 'description', string>>): string {
  return PAGE.replace('{error}', () => asText(error)).replace('{description}', () => asText(description))
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Natsuin</title>
<h1 lang="ja">この要求は続けられません</h1>
<h1>This request cannot go on</h1>
<p lang="ja">アプリケーションに戻って、もう一度お試しください。</p>
<p>Please return to the application and try again.</p>
<p><code>{error}</code> {description}</p>
</html>
`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text that stays text between tags. */
function asText(text: string): string {
  return text.replaceAll(/[&<>"']/g, character => ENTITIES[character] ?? '')
}
