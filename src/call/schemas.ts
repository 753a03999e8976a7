/** The schemas of a client and of those made from it: loaded once, each built when it is first used. */

import type { Kit, Schema } from '../params/schema-kit.ts';
import { loadSchemaKit } from './load.ts';

type Built = ReturnType<Schema<unknown>>;

export class Schemas {
  private _kit: Kit | undefined;
  private _loading: Promise<Schemas> | undefined;
  private readonly _built: Map<Schema<unknown>, Built> = new Map();

  /** Whether they can be had without waiting. */
  get isLoaded(): boolean {
    return this._kit !== undefined;
  }

  /** Loads them. What has failed is tried again when it is next asked for. */
  load(): Promise<Schemas> {
    this._loading ??= loadSchemaKit().then(
      (kit) => {
        this._kit = kit;
        return this;
      },
      (cause: unknown) => {
        this._loading = undefined;
        throw cause;
      },
    );
    return this._loading;
  }

  /** One of them. They must have been loaded. */
  build(schema: Schema<unknown>): Built {
    let built = this._built.get(schema);
    if (!built) {
      // The cast: whoever asks has seen to it.
      built = schema(this._kit as Kit);
      this._built.set(schema, built);
    }
    return built;
  }
}
