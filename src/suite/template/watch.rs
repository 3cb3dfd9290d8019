//! A template in which a filter weighs what operators and filters are given, as they make values of others. Also tells
//! which variables it uses only where they may be missing. Renders nothing.
//!
//! `a ~ b` becomes `(a)|within_limits ~ (b)|within_limits`. Parentheses are put at the ends of what the parser found, so
//! nothing is read in another way than before.

use super::{
    MAX_BYTES,
    limits::{MAX_MADE, WEIGH},
    syntax,
};
use minijinja::{
    Error,
    machinery::{
        self,
        ast::{BinOp, BinOpKind, CallArg, Expr, Filter, Stmt},
    },
};
use std::collections::{BTreeMap, BTreeSet};

/// A template that is watched.
#[derive(Debug)]
pub(in super::super) struct Watched {
    /// What is rendered in its stead.
    pub(super) source: String,
    /// The most steps it may take, at most as many as given: text that it repeats into a value is not weighed.
    pub(super) fuel: u64,
}

/// Whether a template may make something of its values that has to be watched.
pub(super) fn is_needed(text: &str) -> bool {
    text.contains("{%") || text.contains(['~', '+', '*'])
}

/// The same template, watched.
pub(super) fn watched(text: &str, fuel: u64) -> Result<Watched, Error> {
    let mut walk = Walk::of(text)?;
    walk.marks.sort_by_key(|(at, _)| *at);
    let closing = format!(")|{WEIGH}");
    let mut source = String::with_capacity(text.len() + walk.marks.len() * closing.len());
    let mut from = 0;
    for (at, mark) in walk.marks {
        source.push_str(text.get(from..at).unwrap_or_default());
        source.push_str(match mark {
            Mark::Open | Mark::OpenGroup => "(",
            Mark::Close => &closing,
            Mark::CloseGroup => ")",
        });
        from = at;
    }
    source.push_str(text.get(from..).unwrap_or_default());
    let most = MAX_MADE / walk.longest.clamp(1, MAX_BYTES);
    Ok(Watched {
        source,
        fuel: fuel.min(most as u64),
    })
}

/// The variables that it uses only as `{{ x | default(…) }}`, or to ask whether they are defined.
pub(super) fn spared(text: &str) -> BTreeSet<String> {
    let Ok(walk) = Walk::of(text) else {
        return BTreeSet::new();
    };
    let only_spared = walk
        .uses
        .into_iter()
        .filter(|(_, uses)| uses.spared == uses.all);
    only_spared.map(|(name, _)| name.to_owned()).collect()
}

#[derive(Debug, Clone, Copy)]
enum Mark {
    Open,
    Close,
    OpenGroup,
    CloseGroup,
}

#[derive(Debug, Default)]
struct Uses {
    all: usize,
    spared: usize,
}

/// What is found on the way through a template.
#[derive(Debug, Default)]
struct Walk<'t> {
    marks: Vec<(usize, Mark)>,
    uses: BTreeMap<&'t str, Uses>,
    /// How many blocks are open whose text becomes a value.
    captured: usize,
    /// The longest piece of text in them.
    longest: usize,
}

impl<'t> Walk<'t> {
    fn of(text: &'t str) -> Result<Self, Error> {
        let root = machinery::parse(text, "<string>", syntax())?;
        let mut walk = Self::default();
        walk.statement(&root);
        Ok(walk)
    }

    fn body(&mut self, statements: &[Stmt<'t>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn captured(&mut self, statements: &[Stmt<'t>]) {
        self.captured += 1;
        self.body(statements);
        self.captured -= 1;
    }

    fn statement(&mut self, statement: &Stmt<'t>) {
        match statement {
            Stmt::Template(part) => self.body(&part.children),
            Stmt::EmitExpr(part) => self.expression(&part.expr),
            Stmt::EmitRaw(part) if self.captured > 0 => {
                self.longest = self.longest.max(part.raw.len());
            }
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(part) => {
                self.expression(&part.iter);
                self.expressions(&part.filter_expr);
                // One that calls itself gives its text back.
                self.captured += usize::from(part.recursive);
                self.body(&part.body);
                self.captured -= usize::from(part.recursive);
                self.body(&part.else_body);
            }
            Stmt::IfCond(part) => {
                self.expression(&part.expr);
                self.body(&part.true_body);
                self.body(&part.false_body);
            }
            Stmt::WithBlock(part) => {
                self.expressions(part.assignments.iter().map(|(_, value)| value));
                self.body(&part.body);
            }
            Stmt::Set(part) => self.expression(&part.expr),
            Stmt::SetBlock(part) => {
                if let Some(filter) = &part.filter {
                    self.block_filter(filter);
                }
                self.captured(&part.body);
            }
            Stmt::AutoEscape(part) => {
                self.expression(&part.enabled);
                self.body(&part.body);
            }
            Stmt::FilterBlock(part) => {
                self.block_filter(&part.filter);
                self.captured(&part.body);
            }
            Stmt::Block(part) => self.captured(&part.body),
            Stmt::Macro(part) => {
                self.expressions(&part.defaults);
                self.captured(&part.body);
            }
            Stmt::CallBlock(part) => {
                self.expression(&part.call.expr);
                self.arguments(&part.call.args);
                self.expressions(&part.macro_decl.defaults);
                self.captured(&part.macro_decl.body);
            }
            Stmt::Do(part) => {
                self.expression(&part.call.expr);
                self.arguments(&part.call.args);
            }
            Stmt::Import(part) => self.expression(&part.expr),
            Stmt::FromImport(part) => self.expression(&part.expr),
            Stmt::Extends(part) => self.expression(&part.name),
            Stmt::Include(part) => self.expression(&part.name),
        }
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expr<'t>>)
    where
        't: 'e,
    {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'t>]) {
        self.expressions(arguments.iter().map(argument));
    }

    fn expression(&mut self, expression: &Expr<'t>) {
        match expression {
            Expr::Var(part) => self.uses.entry(part.id).or_default().all += 1,
            Expr::Const(_) => {}
            Expr::Slice(part) => {
                // Behind a filter no bracket may follow.
                self.marks.push((start(&part.expr), Mark::OpenGroup));
                self.weigh(&part.expr);
                self.marks.push((end(&part.expr), Mark::CloseGroup));
                self.expressions(&part.start);
                self.expressions(&part.stop);
                self.expressions(&part.step);
            }
            Expr::UnaryOp(part) => self.expression(&part.expr),
            Expr::BinOp(part) => self.operation(part),
            Expr::Compare(part) => {
                self.expression(&part.expr);
                self.expressions(part.ops.iter().map(|op| &op.expr));
            }
            Expr::IfExpr(part) => {
                self.expression(&part.test_expr);
                self.expression(&part.true_expr);
                self.expressions(&part.false_expr);
            }
            Expr::Filter(part) => self.filter(part),
            Expr::Test(part) => {
                if matches!(part.name, "defined" | "undefined") {
                    self.spare(&part.expr);
                }
                self.expression(&part.expr);
                self.arguments(&part.args);
            }
            Expr::GetAttr(part) => self.expression(&part.expr),
            Expr::GetItem(part) => {
                self.expression(&part.expr);
                self.expression(&part.subscript_expr);
            }
            Expr::Call(part) => {
                self.expression(&part.expr);
                self.arguments(&part.args);
            }
            Expr::List(part) => self.items(&part.items),
            Expr::Tuple(part) => self.items(&part.items),
            Expr::Map(part) => {
                self.expressions(&part.keys);
                self.items(&part.values);
            }
        }
    }

    fn items(&mut self, items: &[Expr<'t>]) {
        for item in items {
            self.weigh(item);
        }
    }

    fn operation(&mut self, operation: &BinOp<'t>) {
        use BinOpKind::{Add, Concat, Mul};
        if !matches!(operation.op, Add | Concat | Mul) {
            self.expression(&operation.left);
            return self.expression(&operation.right);
        }
        match (&operation.left, operation.op) {
            // All that such a row is made of is weighed already.
            (Expr::BinOp(before), Add | Concat) if is_alike(before.op, operation.op) => {
                self.operation(before);
            }
            (left, _) => self.weigh(left),
        }
        self.weigh(&operation.right);
    }

    fn filter(&mut self, filter: &Filter<'t>) {
        if let Some(given) = &filter.expr {
            if matches!(filter.name, "default" | "d") {
                self.spare(given);
            }
            self.weigh(given);
        }
        self.arguments(&filter.args);
    }

    /// Filters of a block: what they are given was weighed when it was written.
    fn block_filter(&mut self, filter: &Expr<'t>) {
        if let Expr::Filter(part) = filter {
            if let Some(before) = &part.expr {
                self.block_filter(before);
            }
            self.arguments(&part.args);
        }
    }

    fn spare(&mut self, given: &Expr<'t>) {
        if let Expr::Var(name) = given {
            self.uses.entry(name.id).or_default().spared += 1;
        }
    }

    /// Has an expression weighed.
    fn weigh(&mut self, expression: &Expr<'t>) {
        self.expression(expression);
        if !matches!(expression, Expr::Const(_)) {
            self.marks.push((start(expression), Mark::Open));
            self.marks.push((end(expression), Mark::Close));
        }
    }
}

fn is_alike(one: BinOpKind, other: BinOpKind) -> bool {
    std::mem::discriminant(&one) == std::mem::discriminant(&other)
}

const fn argument<'e, 't>(argument: &'e CallArg<'t>) -> &'e Expr<'t> {
    match argument {
        CallArg::Pos(value)
        | CallArg::Kwarg(_, value)
        | CallArg::PosSplat(value)
        | CallArg::KwargSplat(value) => value,
    }
}

/// Where an expression begins. The parser says of a filter where its name is, and knows no parentheses; but those before
/// the first part of an expression are before all of it.
fn start(expression: &Expr<'_>) -> usize {
    let own = expression.span().start_offset as usize;
    let first = match expression {
        Expr::Filter(part) => part.expr.as_ref().map(start),
        Expr::Slice(part) => Some(start(&part.expr)),
        Expr::UnaryOp(part) => Some(start(&part.expr)),
        Expr::BinOp(part) => Some(start(&part.left)),
        Expr::Compare(part) => Some(start(&part.expr)),
        Expr::IfExpr(part) => Some(start(&part.true_expr)),
        Expr::Test(part) => Some(start(&part.expr)),
        Expr::GetAttr(part) => Some(start(&part.expr)),
        Expr::GetItem(part) => Some(start(&part.expr)),
        Expr::Call(part) => Some(start(&part.expr)),
        Expr::Tuple(part) => part.items.first().map(start),
        Expr::Var(_) | Expr::Const(_) | Expr::List(_) | Expr::Map(_) => None,
    };
    first.map_or(own, |first| first.min(own))
}

/// Where it ends.
fn end(expression: &Expr<'_>) -> usize {
    let own = expression.span().end_offset as usize;
    let last = match expression {
        Expr::UnaryOp(part) => Some(end(&part.expr)),
        Expr::BinOp(part) => Some(end(&part.right)),
        Expr::Compare(part) => part.ops.last().map(|op| end(&op.expr)),
        Expr::IfExpr(part) => Some(end(part.false_expr.as_ref().unwrap_or(&part.test_expr))),
        _ => None,
    };
    last.map_or(own, |last| last.max(own))
}
