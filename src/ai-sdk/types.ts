/**
 * The provider's types. Those of the AI SDK's language model specification V3 are written anew, as far as an agent needs
 * them: the package then names no package of the AI SDK, and its types fit those of `ai` 6 and 7 alike.
 *
 * Source: `LanguageModelV3` and `ProviderV3` of `@ai-sdk/provider` 3.
 */

import type { TwigClient } from '../client.ts';
import type { TwigClientOptions } from '../options/options.ts';
import type { AbortSignalLike, PlatformReadableStream } from '../platform.ts';

/**
 * Settings of a provider: the options of a client, or a client that is there already. Retries are the AI SDK's
 * (`maxRetries` of `streamText` and its kin), so those of the client are not among them.
 */
export interface TwigProviderSettings extends Omit<TwigClientOptions, 'maxRetries' | 'maxRetryDelayMs'> {
  /** A client to use, in the place of client options. Both together: `TwigConfigError`. */
  client?: TwigClient | undefined;
  /**
   * Whether a conversation goes on by what its earlier answers carry: the text part of an answer holds the session in its
   * `providerMetadata`, and messages bring it back. Default `true`. `false` where strangers must not choose a session:
   * then no part holds one, and none is read.
   */
  sessionFromMessages?: boolean | undefined;
}

/** Settings of one model. */
export interface TwigModelSettings {
  /** The conversation to go on with; `null` begins anew, whatever the messages say. Default: by the messages. */
  sessionId?: string | null | undefined;
}

/**
 * `providerOptions.twig` of a call. Members besides `sessionId` go into the request's body as parameters of the query;
 * `agentId`, `query` and `stream` change nothing.
 */
export interface TwigProviderOptions extends TwigModelSettings {
  [parameter: string]: unknown;
}

/** `providerMetadata.twig` of a result. What the answer's metadata holds besides is there too, in camelCase. */
export interface TwigProviderMetadata {
  /** The agent that was asked. */
  agentId: string;
  /** The conversation, where the server named it. */
  sessionId?: string;
  /** For `client.interactions.submitFeedback()`. */
  interactionId?: string;
  /** Milliseconds, as the server measured them. */
  latencyMs?: number;
  tokensInput?: number;
  tokensOutput?: number;
  /** US dollars. */
  costUsd?: number;
  ragStrategy?: string;
  model?: string;
  /** The whole text, only where the end of the stream named another one than was streamed. */
  response?: string;
}

/** `providerMetadata.twig` of a source. */
export interface TwigSourceMetadata {
  chunkId?: string;
  /** 0 to 1; more is closer. */
  similarityScore?: number;
  /** The passage itself. It reaches the page where sources are sent there. */
  chunkText?: string;
  /** Of documents only: an address that is no absolute http(s) URL. */
  documentUrl?: string;
}

/** What JSON can hold. */
export type Json = null | string | number | boolean | Json[] | { [key: string]: Json | undefined };
/** An object of JSON. */
export type JsonObject = Record<string, Json | undefined>;

/** Metadata by provider. */
export type ProviderMetadata = Record<string, JsonObject>;

/** A message of a prompt. Its members are as loose as they can be: two majors of the AI SDK type them differently. */
export interface TwigPromptMessage {
  readonly role: string;
  readonly content: unknown;
  readonly providerOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** What a model is called with. */
export interface TwigModelCallOptions {
  readonly prompt: readonly TwigPromptMessage[];
  readonly maxOutputTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly responseFormat?: { readonly type: string } | undefined;
  readonly tools?: readonly unknown[] | undefined;
  readonly toolChoice?: { readonly type: string } | undefined;
  readonly includeRawChunks?: boolean | undefined;
  readonly abortSignal?: AbortSignalLike | undefined;
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly providerOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** Something that was asked for and not done, or done otherwise. */
export type TwigModelWarning =
  | { type: 'unsupported'; feature: string; details?: string }
  | { type: 'compatibility'; feature: string; details?: string }
  | { type: 'other'; message: string };

/** Tokens; unknown is `undefined`, never 0. */
export interface TwigModelUsage {
  inputTokens: { total: number | undefined; noCache: undefined; cacheRead: undefined; cacheWrite: undefined };
  outputTokens: { total: number | undefined; text: undefined; reasoning: undefined };
  raw?: JsonObject;
}

/** Why an answer ended. */
export interface TwigFinishReason {
  unified: 'stop' | 'error';
  /** The code of the error, when it was one. */
  raw: string | undefined;
}

/** A passage that an answer rests on. */
export type TwigModelSource =
  | {
      type: 'source';
      sourceType: 'url';
      id: string;
      url: string;
      title?: string;
      providerMetadata?: ProviderMetadata;
    }
  | {
      type: 'source';
      sourceType: 'document';
      id: string;
      mediaType: string;
      title: string;
      providerMetadata?: ProviderMetadata;
    };

/** A part of an answer that came whole. */
export type TwigModelContent = { type: 'text'; text: string; providerMetadata?: ProviderMetadata } | TwigModelSource;

/** A part of a streamed answer. */
export type TwigStreamPart =
  | { type: 'stream-start'; warnings: TwigModelWarning[] }
  | { type: 'text-start'; id: string; providerMetadata?: ProviderMetadata }
  | { type: 'text-delta'; id: string; delta: string }
  | { type: 'text-end'; id: string; providerMetadata?: ProviderMetadata }
  | TwigModelSource
  | { type: 'response-metadata'; id?: string; modelId?: string }
  | {
      type: 'finish';
      usage: TwigModelUsage;
      finishReason: TwigFinishReason;
      providerMetadata: ProviderMetadata;
    }
  | { type: 'raw'; rawValue: unknown }
  | { type: 'error'; error: unknown };

/** The result of `doGenerate`. */
export interface TwigGenerateResult {
  content: TwigModelContent[];
  finishReason: TwigFinishReason;
  usage: TwigModelUsage;
  providerMetadata: ProviderMetadata;
  request: { body: unknown };
  response: { id?: string; modelId?: string; headers: Record<string, string>; body: unknown };
  warnings: TwigModelWarning[];
}

/** The result of `doStream`. */
export interface TwigStreamResult {
  /** Of {@link TwigStreamPart}. It is filled whether it is read or not; cancelling it closes the connection. */
  stream: PlatformReadableStream;
  request: { body: unknown };
  response: { headers: Record<string, string> };
}

/** A Twig agent as a language model. It fits `LanguageModelV3` of `@ai-sdk/provider` 3 and 4. */
export interface TwigLanguageModel {
  readonly specificationVersion: 'v3';
  readonly provider: 'twig';
  /** The agent's id. */
  readonly modelId: string;
  /** Every URL: the AI SDK then downloads no file of the history, of which nothing is sent. */
  readonly supportedUrls: Record<string, RegExp[]>;
  doGenerate(options: TwigModelCallOptions): Promise<TwigGenerateResult>;
  doStream(options: TwigModelCallOptions): Promise<TwigStreamResult>;
}

/** Makes models of agents. It fits `ProviderV3` of `@ai-sdk/provider` 3 and 4. */
export interface TwigProvider {
  /** The agent of that id, as a model. Sends nothing and needs no key. */
  (agentId: string, settings?: TwigModelSettings): TwigLanguageModel;
  readonly specificationVersion: 'v3';
  /** The same by its name in the AI SDK. */
  languageModel(agentId: string, settings?: TwigModelSettings): TwigLanguageModel;
  /** Throws `NoSuchModelError` of the AI SDK: there are none. */
  embeddingModel(modelId: string): never;
  /** Throws `NoSuchModelError` of the AI SDK: there are none. */
  imageModel(modelId: string): never;
}
