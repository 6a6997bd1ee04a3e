// Package catalog is the dated data Headroom calculates with: instance types,
// database classes, cache nodes and prices, in us-east-1, in US dollars, Linux
// on-demand, without tax, free tier, commitment or discount.
//
// catalog.json holds the rows and, per figure, the id of the public source it
// was read from. A figure nobody could source is null there and nil here;
// nothing is extrapolated from a neighboring size. Prices age: show the row's
// date beside every amount derived from it.
//
// Adding a row: put it in catalog.json with its sources; the tests check that
// every price has a source and a date and that the structural invariants hold.
package catalog
