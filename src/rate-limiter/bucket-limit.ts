/** The numbers of a token bucket. */

/** The numbers of a limit; both are needed, and at most a billion. */
export interface BucketLimit {
  /** Requests a minute in the long run; more than 0. */
  perMinute: number;
  /** Requests at once after a quiet time; at least 1. */
  burst: number;
}
