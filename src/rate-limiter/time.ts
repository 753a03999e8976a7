/** The time that a limiter counts with. */

/** Reads the milliseconds that have passed since some fixed moment; never goes back. */
export type Time = () => number;
