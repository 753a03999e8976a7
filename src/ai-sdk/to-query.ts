/** A call of the AI SDK, as a question to an agent. */

import { isBrowser } from '../options/environment.ts';
import type { QueryParams } from '../resources/query.ts';
import { VERSION } from '../version.ts';
import { aiSdkError } from './ai-sdk-error.ts';
import { resolveSession, twigOptions } from './session.ts';
import type { TwigModelCallOptions, TwigModelSettings, TwigModelWarning, TwigPromptMessage } from './types.ts';
import { withoutNulls } from './without-nulls.ts';

/** The agent that is asked, and how. */
export interface AskedAgent {
  agentId: string;
  settings: TwigModelSettings;
  /** Whether a session may come from messages. */
  fromMessages: boolean;
}

/** A question, ready to be sent. */
export interface Question {
  params: QueryParams;
  headers: Record<string, string>;
  warnings: TwigModelWarning[];
}

/** The API's range ends here (API reference, "temperature"). */
const HIGHEST_TEMPERATURE = 2;

/** Settings of the AI SDK that an agent does not have, beside those whose value decides. */
const UNSUPPORTED = ['topP', 'topK', 'presencePenalty', 'frequencyPenalty', 'stopSequences', 'seed'] as const;

function unsupportedFeatures(options: TwigModelCallOptions): string[] {
  // `reasoning`, as the settings above, is of one major of the AI SDK alone.
  const settings: Readonly<Record<string, unknown>> = { ...options };
  const { responseFormat, tools, toolChoice } = options;
  return [
    ...UNSUPPORTED.filter((name) => settings[name] !== undefined && settings[name] !== null),
    ...(tools?.length ? ['tools'] : []),
    ...(toolChoice && !['auto', 'none'].includes(toolChoice.type) ? ['toolChoice'] : []),
    ...((settings.reasoning ?? 'provider-default') !== 'provider-default' ? ['reasoning'] : []),
    ...(responseFormat?.type === 'json' ? ['responseFormat'] : []),
  ];
}

function collectWarnings(options: TwigModelCallOptions, session: unknown): TwigModelWarning[] {
  const { prompt, temperature } = options;
  const warnings: TwigModelWarning[] = unsupportedFeatures(options).map((feature) => ({
    type: 'unsupported',
    feature,
  }));
  if (prompt.some(({ role }) => role === 'system')) {
    const details = 'An agent has its instructions of its own: this one is not sent.';
    warnings.push({ type: 'unsupported', feature: 'system messages', details });
  }
  if (temperature !== undefined && temperature > HIGHEST_TEMPERATURE) {
    const details = `${HIGHEST_TEMPERATURE} is the highest temperature: it is sent in the place of ${temperature}.`;
    warnings.push({ type: 'compatibility', feature: 'temperature', details });
  }
  const hasHistory = prompt.filter(({ role }) => role !== 'system').length > 1;
  if (hasHistory && (session === undefined || session === null)) {
    const message =
      'The earlier messages are not sent, and no session is known that holds them: the agent sees the last one alone.';
    warnings.push({ type: 'other', message });
  }
  return warnings;
}

/** The text of the last message, which must be a user's. */
function readQuestion(prompt: readonly TwigPromptMessage[]): string {
  const last = prompt.at(-1);
  if (last?.role !== 'user' || !Array.isArray(last.content)) {
    throw aiSdkError('AI_InvalidPromptError', 'Invalid prompt: the last message must be of the role user.', { prompt });
  }
  const parts: { type?: unknown; text?: unknown }[] = last.content;
  const texts: string[] = [];
  for (const { type, text } of parts) {
    if (type !== 'text') {
      const functionality = `${type} parts in the last message`;
      const message = `'${functionality}' functionality not supported: an agent answers texts alone.`;
      throw aiSdkError('AI_UnsupportedFunctionalityError', message, { functionality });
    }
    texts.push(String(text));
  }
  return texts.join('\n\n');
}

/** The call's headers in lower case. The AI SDK names itself in `user-agent`: the client's own name stays before it. */
function toHeaders(given: TwigModelCallOptions['headers'] = {}): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) if (value !== undefined) headers[name.toLowerCase()] = value;
  const { 'user-agent': agent, ...rest } = headers;
  // A page may not name itself: another header than those of the preflight would be refused.
  return agent === undefined || isBrowser() ? rest : { ...rest, 'user-agent': `twig-sdk-js/${VERSION} ${agent}` };
}

/** Makes the question. Throws the AI SDK's errors for a prompt that cannot be asked. */
export function toQuestion(options: TwigModelCallOptions, agent: AskedAgent): Question {
  const { maxOutputTokens, prompt, providerOptions, temperature } = options;
  const session = resolveSession(options, agent);
  const { sessionId: _, stream: __, ...more } = twigOptions(providerOptions);
  const params = {
    ...more,
    agentId: agent.agentId,
    query: readQuestion(prompt),
    // The AI SDK lets `null` through: it stands for nothing, as `undefined` does.
    ...withoutNulls({
      sessionId: session as string, // Whatever was given: the client checks it.
      temperature: temperature && Math.min(temperature, HIGHEST_TEMPERATURE),
      maxTokens: maxOutputTokens,
    }),
  };
  return { params, headers: toHeaders(options.headers), warnings: collectWarnings(options, session) };
}
