//! The people of a merchant: who may enter, with which role, and letting somebody in or out.

use crate::door::{Posted, State, Trouble};
use crate::frame::{self, Page};
use crate::parts::{at, chip, unsaid};
use crate::portal::merchant;
use crate::prove;
use crate::routes::{allowed, shown};
use crate::visitor::Visitor;
use access::policy::Role;
use access::{Action, Resource};
use app::entrance::{Invited, PersonView};
use axum::Router;
use axum::extract::State as Shared;
use axum::response::IntoResponse;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};

const HERE: &str = "/team";

/// The roles that a merchant gives, with what each may.
const ROLES: [(Role, &str, &str); 2] = [
    (
        Role::MerchantMember,
        "Member",
        "answers disputes, accepts them, and keeps the team, keys and webhooks",
    ),
    (
        Role::MerchantViewer,
        "Viewer",
        "sees disputes, evidence and money, and changes nothing",
    ),
];

pub fn routes() -> Router<State> {
    Router::new()
        .route(HERE, get(list))
        .route("/team/invite", post(invite))
        .route("/team/role", post(role))
}

/// What a role is called here.
pub fn role_name(role: &str) -> &str {
    ROLES
        .iter()
        .find(|(known, _, _)| known.as_str() == role)
        .map_or(role, |(_, name, _)| name)
}

async fn list(Shared(state): Shared<State>, visitor: Visitor) -> Result<Response, Trouble> {
    merchant(&visitor)?;
    allowed(&visitor, Action::Read, Resource::People)?;
    let doer = visitor.doer();
    let people = state.write(move |desk| desk.list_people(&doer)).await?;
    Ok(shown(&page(&people, None, &visitor), &visitor))
}

fn page(people: &[PersonView], invited: Option<Markup>, visitor: &Visitor) -> Page<'static> {
    let manages = visitor.may(Action::Manage, Resource::People);
    let proved = !visitor.must_prove(Action::Manage, Resource::People);
    let open = people.iter().filter(|person| person.disabled_at.is_none());
    Page {
        title: "Team",
        place: HERE,
        about: html! { p { (crate::parts::counted(i64::try_from(open.count()).unwrap_or(i64::MAX), "person")) } },
        body: html! {
            @if let Some(invited) = invited { (invited) }
            div.scroll tabindex="0" role="region" aria-label="People" {
                table.cards {
                    caption.visually-hidden { "Who may enter" }
                    thead { tr { th scope="col" { "Person" } th scope="col" { "Roles" } th scope="col" { "Signs in" } th scope="col" { "Since" } @if manages && proved { th scope="col" { "Change" } } } }
                    tbody { @for person in people { (line(person, manages && proved, visitor)) } }
                }
            }
            @if manages {
                @if proved { (invitation(visitor)) } @else { (prove::asked(HERE)) }
            }
            section.quiet aria-labelledby="roles" {
                h2 id="roles" { "What the roles may" }
                dl.facts { @for (_, name, may) in ROLES { dt { (name) } dd { (may) } } }
            }
        },
    }
}

fn line(person: &PersonView, changes: bool, visitor: &Visitor) -> Markup {
    let own = person.id == visitor.person.as_str();
    html! {
        tr {
            th scope="row" { bdi { (person.name) } @if own { " " (chip("you")) } br; span.soft.small { bdi { (person.email) } } }
            td data-name="Roles" { @for role in &person.roles { (chip(role_name(&role.role))) " " } }
            td data-name="Signs in" {
                @if person.disabled_at.is_some() { (chip("disabled")) }
                @else if person.signs_in_through.is_some() { "through your organization" }
                @else if person.has_password { "with password and code" }
                @else if own { "through a link" }
                @else { (unsaid("invited, not yet come")) }
            }
            td data-name="Since" { (at(person.created_at, visitor)) }
            @if changes {
                td data-name="Change" {
                    @if own { (unsaid("not your own")) } @else { (roles_form(person, visitor)) }
                }
            }
        }
    }
}

fn roles_form(person: &PersonView, visitor: &Visitor) -> Markup {
    let holds = |role: Role| person.roles.iter().any(|held| held.role == role.as_str());
    html! {
        div.row {
            @for (role, name, _) in ROLES {
                form.inline method="post" action="/team/role" {
                    (frame::csrf(visitor))
                    input type="hidden" name="person" value=(person.id);
                    input type="hidden" name="role" value=(role);
                    @if holds(role) {
                        button name="do" value="take" aria-label={ "Remove " (name) ", from " (person.name) } { "Remove " (name) }
                    } @else {
                        button name="do" value="give" aria-label={ "Make " (name) ", of " (person.name) } { "Make " (name) }
                    }
                }
            }
        }
    }
}

fn invitation(visitor: &Visitor) -> Markup {
    html! {
        section.panel aria-labelledby="invite" {
            h2 id="invite" { "Let somebody in" }
            p.hint { "You get a link to hand over yourself: this desk sends no e-mail. It works once, for four days." }
            form.filters method="post" action="/team/invite" {
                (frame::csrf(visitor))
                p { label for="invite-name" { "Name" } input id="invite-name" name="name" maxlength="200" autocomplete="off" required; }
                p { label for="invite-email" { "E-mail" } input id="invite-email" name="email" type="email" maxlength="254" autocomplete="off" required; }
                p {
                    label for="invite-role" { "Role" }
                    select id="invite-role" name="role" { @for (role, name, _) in ROLES.iter().rev() { option value=(role) { (name) } } }
                }
                p { button.first { "Make the link" } }
            }
        }
    }
}

fn asked_role(posted: &Posted) -> Result<Role, Trouble> {
    let asked = posted.text("role");
    Role::parse(asked).ok_or_else(|| Trouble::Form(format!("there is no role `{asked}`")))
}

async fn invite(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let (role, doer) = (asked_role(&posted)?, visitor.doer());
    let tenant = visitor.asker.tenant().clone();
    let (email, name) = (
        posted.text("email").to_owned(),
        posted.text("name").to_owned(),
    );
    let (invited, people) = state
        .write(move |desk| {
            let invited = desk.invite(&doer, &email, &name, role, &tenant)?;
            Ok((invited, desk.list_people(&doer)?))
        })
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    let told = handed(&invited, &state.origin, visitor);
    Ok(shown(&page(&people, Some(told), visitor), visitor))
}

/// The link, the one time that it is shown.
fn handed(invited: &Invited, origin: &str, visitor: &Visitor) -> Markup {
    html! {
        div.note.good role="status" {
            @match &invited.link {
                Some(link) => {
                    p { strong { "Hand this link to " bdi { (invited.person.name) } "." } " It is shown now and never again, and works once until " (at(link.expires_at.into(), visitor)) "." }
                    p { label for="link" { "Link" } input.mono id="link" readonly value={ (origin) "/enter/" (link.token.expose()) } data-select; }
                },
                None => p { strong { bdi { (invited.person.name) } " can enter already" } " and now holds the role too." },
            }
        }
    }
}

async fn role(Shared(state): Shared<State>, posted: Posted) -> Result<Response, Trouble> {
    let visitor = &posted.visitor;
    merchant(visitor)?;
    let (role, doer) = (asked_role(&posted)?, visitor.doer());
    let person = posted.text("person").to_owned();
    if person == visitor.person.as_str() {
        let words =
            "your own roles are changed by somebody else, so that nobody locks everybody out";
        return Err(Trouble::Form(words.to_owned()));
    }
    let tenant = visitor.asker.tenant().clone();
    let gives = posted.text("do") == "give";
    state
        .write(move |desk| match gives {
            true => desk.grant_role(&doer, &person, role, &tenant),
            false => desk.revoke_role(&doer, &person, role, &tenant),
        })
        .await
        .map_err(|trouble| trouble.back_to(HERE))?;
    Ok(Redirect::to(HERE).into_response())
}
