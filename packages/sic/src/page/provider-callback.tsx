/** Where the identity provider sends the window back to: it hands the answer to the approval page, and goes. */
import { render } from 'preact'
import { Frame, Speaking, useSay } from '../../../../faces/frame.tsx'
import { messages } from './messages.ts'
import { channelOf, readProviderAnswer } from './provider-link.ts'

const { state, answer } = readProviderAnswer(location.search)
// The code is good for nothing without what the approval page and the SAM have; still it stays in no history.
history.replaceState(null, '', location.pathname)

function CameBack() {
  const say = useSay()
  return (
    <Frame title={messages.cameBackTitle} foot={messages.foot}>
      <p id="came-back">{say(messages.cameBack)}</p>
    </Frame>
  )
}

const root = document.getElementById('page')
if (root !== null) {
  render(
    <Speaking>
      <CameBack />
    </Speaking>,
    root,
  )
}
channelOf(state).postMessage(answer)
// Browsers close what a page opened; where one does not, the page says what to do.
window.close()
