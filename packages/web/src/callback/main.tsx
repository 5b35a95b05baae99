/** Where an authorisation comes back to: hands the address to the page that began it, and to no other origin. */
import { reportCallback } from '@natsuin/client/browser'
import { render } from 'preact'
import { Frame, Speaking } from '../../../../faces/frame.tsx'
import { messages } from '../messages.ts'

reportCallback()

const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <Frame title={messages.callbackTitle} lead={messages.closeWindow} />
    </Speaking>,
    root,
  )
}
