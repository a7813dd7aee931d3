//! `pslens`: one program for ps, free, df, netstat and their kin.

#![forbid(unsafe_code)]

fn main() {}
