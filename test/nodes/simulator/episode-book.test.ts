import { describe, expect, it } from 'vitest';
import { EpisodeBook } from '../../../nodes/simulator/episode-book.ts';

describe('the book of episodes', () => {
  it('begins with the first draw, and draws on from there for each robot alone', () => {
    const book = new EpisodeBook();
    expect(book.begin('a', 'first', 0)).toEqual({ number: 0, draw: 0, startS: 0 });
    expect(book.begin('b', 'first', 0)).toEqual({ number: 0, draw: 0, startS: 0 });
    expect(book.begin('a', 'next', 2.5)).toEqual({ number: 1, draw: 1, startS: 2.5 });
    expect(book.get('b')).toEqual({ number: 0, draw: 0, startS: 0 });
  });

  it('never says a number twice, though draws begin again: who follows them would miss an episode', () => {
    const book = new EpisodeBook();
    book.begin('a', 'first', 0);
    book.begin('a', 'next', 1);
    expect(book.begin('a', 'first', 2)).toEqual({ number: 2, draw: 0, startS: 2 });
    expect(book.begin('a', 'next', 3)).toEqual({ number: 3, draw: 1, startS: 3 });
    book.restartDraws();
    expect(book.begin('a', 'next', 4)).toEqual({ number: 4, draw: 1, startS: 4 });
  });
});
