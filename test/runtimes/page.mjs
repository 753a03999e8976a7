// What only a page can show: it is refused a key, and works without one through a proxy. Tells its server how it went.

import { TwigClient, TwigConfigError } from '@twig/sdk';
import { createScenario, expect } from './scenario.mjs';

const violations = [];
document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => violations.push(violatedDirective));

async function run() {
  let refused;
  try {
    new TwigClient({ apiKey: 'twigsk_live_x' });
  } catch (error) {
    refused = error;
  }
  expect(refused instanceof TwigConfigError && refused.hint.includes('@twig/sdk/proxy'), 'the key refused');

  const client = new TwigClient({ apiKey: null, baseUrl: '/api/twig' });
  const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };
  const answer = await client.query(question);
  const stream = await client.query({ ...question, stream: true });
  let text = '';
  for await (const piece of stream.textStream) text += piece;
  expect(answer.response.includes('refund') && text === answer.response, 'the proxy to answer, and to stream the same');

  await createScenario(location.origin)();
  expect(violations.length === 0, `no policy violation, not ${violations}`);

  // The policy is on, and its violations are heard: without that, none of them would mean nothing.
  const heard = new Promise((resolve) => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
  try {
    // biome-ignore lint/security/noGlobalEval: this is the violation.
    globalThis.eval('1');
  } catch {
    await heard;
    return 'ok';
  }
  return 'the policy let eval pass';
}

const tell = (body) => fetch('/result', { method: 'POST', body });
run().then(tell, (error) => tell(String(error.stack)));
